"""What download shows: how much it is, and what became of each object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.text import Text

from imgpipe.pictures.download import Downloaded, Fate
from imgpipe.pictures.remote import Missing, Remote
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import path_text, printable

if TYPE_CHECKING:
    from imgpipe.render._screen import Screen

LOOKING: Final = "Looking for pictures"
_COLUMNS: Final = (
    Column("STATUS"),
    Column("SIZE", right=True, gives_way=1),
    Column("FILE"),
)
_STYLES: Final = {Fate.DOWNLOADED: "green", Fate.PRESENT: "green", Fate.SKIPPED: "yellow"}


@dataclass(frozen=True)
class DownloadRecord:
    """What became of one object."""

    key: Annotated[str, "its key, or the name that means none"]
    status: Annotated[Fate, "what became of it; present: it was here already"]
    path: Annotated[str, "its file; empty where there is none of it"]
    size: Annotated[int, "bytes; 0 where there is no file"]
    reason: Annotated[str, "why there is no file of it; empty if there is"]


def announced(wanted: Sequence[Remote | Missing], to: Path) -> str:
    """Return how many objects there are, how large they are, and where they go."""
    sizes = [each.size for each in wanted if isinstance(each, Remote)]
    if not sizes:
        return "There is nothing to download."
    plural = "s" * (len(sizes) != 1)
    return f"{len(sizes):,} file{plural}, {decimal(sum(sizes))}, to {printable(path_text(to))}"


def under_way(done: Iterable[Downloaded], count: int, screen: Screen) -> Iterator[Downloaded]:
    """Yield what is ``done`` as it comes, and show how many of ``count`` are through."""
    with screen.progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        yield from progress.track(done, total=count, description="Downloading")


def _records(done: Sequence[Downloaded]) -> list[DownloadRecord]:
    return [
        DownloadRecord(
            each.key, each.fate, path_text(each.path) if each.path else "", each.size, each.reason
        )
        for each in done
    ]


def _text(done: Sequence[Downloaded], paper: Paper) -> Iterator[Text]:
    if done:
        yield from table(_COLUMNS, [_cells(each) for each in done], paper.width)


def _cells(each: Downloaded) -> list[Text]:
    name = path_text(each.path) if each.path else f"{each.key}: {each.reason}"
    return [
        Text(each.fate, _STYLES.get(each.fate, "red")),
        Text(decimal(each.size) if each.path else "-"),
        Text(printable(name), no_wrap=bool(each.path)),
    ]


VIEW: Final = View(_records, _text)
