"""The one path of a rendition on demand: written by the edge, read by the function. Pure.

``/_img/a/photo.jpg/v-1f3a52c7.width-640.format-avif``: the original's key, and behind it the words
that say which rendition, in one order. As the path begins with the key, one invalidation takes all
of a picture's renditions. It holds letters, digits and ``_ - . /`` alone, which no hop on its way,
and no signature, can spell in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from operator import add
from typing import Final
from urllib.parse import quote, unquote_to_bytes

# Where the distribution sends to the function, not to the bucket.
ROOT: Final = "/_img/"
PATTERN: Final = f"{ROOT}*"
# The words in their order. ``v`` stands for recipe and code: with another recipe a rendition has
# another path, and what the edges hold of the old one is not asked for any more.
ORDER: Final = ("v", "rendition", "width", "height", "fit", "gravity", "quality", "format")
_DOTS: Final = re.compile(r"\.+")
_WORD: Final = re.compile(r"([a-z]+)-([a-z0-9_]+)")


def path_of(key: str, words: Mapping[str, str]) -> str:
    """Return the path of the rendition of ``key`` that ``words`` describe."""
    told = ".".join(f"{name}-{words[name]}" for name in ORDER if name in words)
    return f"{folder_of(key)}{told}"


def folder_of(key: str) -> str:
    """Return what the paths of all renditions of ``key`` begin with, and no others."""
    return f"{ROOT}{escaped(key)}/"


def parts_of(path: str) -> tuple[str, dict[str, str]] | None:
    """Return the key and the words of ``path``; ``None`` where that is no path of a rendition."""
    key, slash, told = path.removeprefix(ROOT).rpartition("/")
    words = _words(told.split(".")) if told else {}
    if not path.startswith(ROOT) or not slash or words is None:
        return None
    try:
        return unquote_to_bytes(key.replace("_", "%")).decode(), words
    except UnicodeDecodeError:
        return None


def escaped(key: str) -> str:
    """Return ``key`` in the path's letters; no two keys share one.

    What is no letter, digit, ``.`` or ``-`` is written as ``_`` and two digits for each byte. So is
    what a hop might take for a part of the path: a name of dots alone, a slash beside nothing.
    """
    names = [_undotted(quote(name, safe="").replace("~", "%7E")) for name in key.split("/")]
    joints = ["/" if before and after else "%2F" for before, after in pairwise(names)]
    told = names[0] + "".join(map(add, joints, names[1:]))
    return told.replace("_", "%5F").replace("%", "_")


def _undotted(name: str) -> str:
    return name.replace(".", "%2E") if _DOTS.fullmatch(name) else name


def _words(told: Iterable[str]) -> dict[str, str] | None:
    found = [_WORD.fullmatch(each) for each in told]
    words = {each[1]: each[2] for each in found if each}
    return words if len(words) == len(found) and words.keys() <= set(ORDER) else None
