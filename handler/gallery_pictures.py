"""A picture as the page reads it, and where it stands among others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from typing import Any, Final, TypeAlias

from handler.schema import Metadata

# What TIFF's further pages are called, each of which is a picture of its own.
_PAGE: Final = re.compile(r"(?:^|-)(page-\d+)$")


Picture: TypeAlias = Mapping[str, Any]
"""A rendition of a picture, as the page reads it."""


Place: TypeAlias = tuple[str, str]
"""Where a row stands: the time it was written, and its key."""


def place(row: Metadata) -> Place:
    """Return where ``row`` stands."""
    return row.timestamp, row.filename


def sound(pictures: Iterable[Any]) -> tuple[Picture, ...]:
    """Return ``pictures``, as a file had them, if each is one: what a page stands on, in its type.

    Raises:
        TypeError, KeyError, AttributeError: one is none.
    """
    found = tuple(pictures)
    for each in found:
        texts = (each["key"], each["source"], each["timestamp"], each.get("rendition", ""))
        numbers = (each["width"], each["height"], each["size"])
        if not all(type(text) is str for text in texts) or any(
            type(number) is not int for number in numbers
        ):
            raise TypeError("no picture")
    return found


def identity(picture: Picture) -> tuple[str, str]:
    """Return what the renditions of one picture share: source, and which page of it."""
    page = _PAGE.search(picture.get("rendition", ""))
    return picture["source"] or picture["key"], page[1] if page else ""


def is_default(picture: Picture) -> bool:
    """Say whether it is the default rendition, of which each picture has one."""
    return bool(picture.get("rendition", "") == identity(picture)[1])


def picture_of(row: Metadata) -> Picture:
    """Return what the page is told of a row."""
    picture = {
        "key": row.filename,
        "width": row.width,
        "height": row.height,
        "size": row.size,
        "source": row.source_key,
        "timestamp": row.timestamp,
    }
    if row.rendition:
        picture["rendition"] = row.rendition
    # One placeholder does for all renditions, and no compression makes it shorter.
    if is_default(picture):
        shown = {"thumbhash": row.thumbhash, "colour": row.colour}
        picture |= {name: value for name, value in shown.items() if value}
    return picture


def place_of(picture: Picture) -> Place:
    """Return where ``picture`` stands."""
    return picture["timestamp"], picture["key"]


def runs_of(pictures: Iterable[Picture]) -> list[list[Picture]]:
    """Return the renditions picture by picture, which mostly lie together."""
    return [list(run) for _, run in groupby(pictures, key=identity)]


def joined(runs: Iterable[Sequence[Picture]]) -> list[Picture]:
    """Return the renditions of several pictures, one after another."""
    return list(chain.from_iterable(runs))
