"""What reprocess shows: what it will cost, its progress, and what became of each picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.text import Text

from imgpipe.pictures.again import Fate, Redone
from imgpipe.render._again import expected
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from imgpipe.pipeline.again import Expense
    from imgpipe.render._screen import Screen

LOOKING: Final = "Looking for pictures"
NOTHING: Final = "There is nothing to make again."
_COLUMNS: Final = (Column("PICTURE"), Column("STATUS"), Column("RESULT"))
_STYLES: Final = {Fate.PROCESSED: "green", Fate.SELECTED: "yellow", Fate.WAITING: "yellow"}


@dataclass(frozen=True)
class ReprocessRecord:
    """What became of one picture."""

    key: Annotated[str, "its key in the source bucket"]
    status: Annotated[Fate, "what became of it"]
    reason: Annotated[str, "why it was not made again; empty if it was, or nothing was tried"]
    results: Annotated[list[str], "keys of what was made of it"]


def announced(found: Expense) -> str:
    """Return how many pictures there are, and what they cost and take."""
    plural = "s" * (found.pictures != 1)
    return f"{found.pictures:,} picture{plural}: {expected(found)}, {found.at_once} at a time."


def running(done: Iterable[Redone], count: int, screen: Screen) -> Iterator[Redone]:
    """Yield what is ``done`` as it comes, and show how many of ``count`` pictures are through."""
    with screen.progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        yield from progress.track(done, total=count, description="Making again")


def _records(done: Sequence[Redone]) -> list[ReprocessRecord]:
    return [ReprocessRecord(each.key, each.fate, each.reason, list(each.results)) for each in done]


def _text(done: Sequence[Redone], paper: Paper) -> Iterator[Text]:
    if done:
        rows = [cells for each in done for cells in _cells(each)]
        yield from table(_COLUMNS, rows, paper.width)


def _cells(each: Redone) -> Iterator[list[Text]]:
    status = Text(each.fate, _STYLES.get(each.fate, "red"))
    for told in each.results or (each.reason or "-",):
        yield [Text(printable(each.key)), status, Text(printable(told))]


VIEW: Final = View(_records, _text)
