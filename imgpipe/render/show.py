"""What show shows: the rows of one picture, field by field; the screen draws the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from rich.filesize import decimal
from rich.text import Text

from handler.schema import Metadata
from imgpipe.pictures.glance import Glance
from imgpipe.render._facts import facts
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render.untrusted import printable


@dataclass(frozen=True)
class Shown:
    """A picture at a glance, and the ``addresses`` of its results by their keys."""

    picture: Glance
    addresses: Mapping[str, str]


@dataclass(frozen=True)
class ShowRecord:
    """One picture and its rows."""

    key: Annotated[str, "the original's key"]
    original: Annotated[bool, "whether the original itself is still there"]
    rows: Annotated[list[Metadata], "the table's rows of it, by their keys"]
    addresses: Annotated[dict[str, str], "the CDN's address of each result, by its key"]


def not_drawn(why: str) -> str:
    """Return that the picture cannot be drawn."""
    return f"The picture cannot be drawn: {printable(why)}."


def _record(shown: Shown) -> ShowRecord:
    picture = shown.picture
    return ShowRecord(picture.key, picture.original, list(picture.rows), dict(shown.addresses))


def _text(shown: Shown, paper: Paper) -> Iterator[Text]:
    picture = shown.picture
    yield Text(printable(picture.key), "bold")
    if not picture.original:
        yield Text("  the original is gone", "yellow")
    if not picture.rows:
        yield Text("  nothing was made of it yet")
    for row in picture.rows:
        yield Text("")
        yield from _of_row(row, shown.addresses.get(row.filename, ""), paper)


def _of_row(row: Metadata, address: str, paper: Paper) -> Iterator[Text]:
    values = {
        "result": row.filename if row.is_public else "",
        "address": address,
        "status": row.status,
        "rendition": row.rendition,
        "pixels": f"{row.width} x {row.height}" if row.width else "",
        "size": decimal(row.size) if row.size else "",
        "type": row.content_type,
        "colour": row.colour,
        "written": row.timestamp,
        "took": f"{row.duration:,} ms" if row.duration else "",
        "original's_size": decimal(row.source_size) if row.source_size else "",
        "original's_ETag": row.source_etag,
        "request_id": row.request_id,
        "fingerprint": row.fingerprint,
    }
    yield from facts({name: value for name, value in values.items() if value}, paper)
    for told in filter(None, (row.reason, *row.warnings)):
        yield from wrapped(Text(printable(told), "yellow"), paper.width, "  ")


VIEW: Final = View(_record, _text)
