"""What retry shows: each picture that was run again, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn
from rich.text import Text

from imgpipe.pictures.retry import GOOD, Fate, Retried
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from imgpipe.render._screen import Screen

_COLUMNS: Final = (Column("PICTURE"), Column("STATUS"), Column("RESULT"))


@dataclass(frozen=True)
class RetryRecord:
    """What became of one picture."""

    key: Annotated[str, "its key in the source bucket; empty if the message names none"]
    status: Annotated[Fate, "what became of it"]
    reason: Annotated[str, "why it is not processed; empty if it is"]
    results: Annotated[list[str], "keys of what was made of it"]
    settled: Annotated[bool, "whether it left the failure queue"]


def retrying(results: Iterable[Retried], count: int, screen: Screen) -> Iterator[Retried]:
    """Yield ``results`` as they come, and show how many of ``count`` pictures are through."""
    with screen.progress(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as progress:
        yield from progress.track(results, total=count, description="Running again")


def _record(results: Sequence[Retried]) -> list[RetryRecord]:
    return [
        RetryRecord(each.key, each.fate, each.reason, list(each.results), each.settled)
        for each in results
    ]


def _text(results: Sequence[Retried], paper: Paper) -> Iterator[Text]:
    if results:
        rows = [cells for each in results for cells in _cells(each)]
        yield from table(_COLUMNS, rows, paper.width)


def _cells(each: Retried) -> Iterator[list[Text]]:
    key = Text(printable(each.key) or "-")
    status = Text(each.fate, "green" if each.fate in GOOD and each.settled else "red")
    for name in each.results:
        yield [key, status, Text(printable(name), no_wrap=True)]
    if not each.results:
        yield [key, status, Text(printable(each.reason) or "-")]


VIEW: Final = View(_record, _text)
