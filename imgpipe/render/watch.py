"""What watch shows: a line for each thing that happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

from rich.filesize import decimal
from rich.text import Text

from imgpipe.pictures.watching.event import Event, Kind
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from imgpipe.pictures.watching.folder import Folder

_INDENT: Final = "    "
_STYLES: Final = {
    Kind.SENT: "green",
    Kind.REMOVED: "green",
    Kind.KEPT: "yellow",
    Kind.FAILED: "red",
    Kind.UNREACHABLE: "red",
}


@dataclass(frozen=True)
class WatchRecord:
    """Something that happened; each is an envelope of its own."""

    time: Annotated[datetime, "when"]
    event: Annotated[Kind, "what"]
    file: Annotated[str, "the file's path below the folder; empty where all are meant"]
    key: Annotated[str, "its key in the source bucket"]
    size: Annotated[int, "bytes that were sent"]
    count: Annotated[int, "files that are in step"]
    reason: Annotated[str, "why; empty where all is well"]


def question(folder: Folder, bucket: str, gone: int) -> str:
    """Return what is asked before anything is deleted."""
    place = printable(f"{bucket}/{folder.prefix}")
    now = "" if not gone else f" {gone:,} {'is' if gone == 1 else 'are'} gone already."
    root = printable(str(folder.root))
    return (
        f"Shall pictures that came from {root} and are gone from it go from {place}, too, with "
        f"all that was made of them?{now}"
    )


def stopped(sent: int, removed: int, waiting: int) -> str:
    """Return the one sentence at the end."""
    left = f", {waiting:,} not sent yet" if waiting else ""
    return f"No longer watching: {sent:,} sent, {removed:,} removed{left}."


def _record(event: Event) -> WatchRecord:
    return WatchRecord(
        event.time, event.kind, event.name, event.key, event.size, event.count, event.reason
    )


def _text(event: Event, paper: Paper) -> Iterator[Text]:
    """Yield time (UTC), what happened, and the key, below where it has no room beside them."""
    head = Text.assemble(
        (f"{event.time:%Y-%m-%d %H:%M:%S}Z ", "dim"), (event.kind, _STYLES.get(event.kind, ""))
    )
    key = Text(printable(event.key))
    line = Text(" ").join(part for part in (head, Text(_size(event)), key) if part)
    if line.cell_len <= paper.width or not key:
        yield from wrapped(line, paper.width, _INDENT)
    else:
        yield from (Text(" ").join(part for part in (head, Text(_size(event))) if part), key)
    yield from wrapped(Text(printable(event.reason)), paper.width, _INDENT) if event.reason else ()


def _size(event: Event) -> str:
    if event.kind is Kind.IN_STEP:
        return f"with {event.count:,} {'file' if event.count == 1 else 'files'}; watching"
    return decimal(event.size) if event.size else ""


VIEW: Final = View(_record, _text)
