"""What reconcile shows: where originals, results, rows and page differ, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.text import Text

from imgpipe.pictures.differences import MEANINGS, Difference, Finding
from imgpipe.pictures.mending import Mended
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from imgpipe.render._screen import Screen

COMPARING: Final = "Comparing originals, results, rows and page"
AGREED: Final = "Originals, results, rows and page agree."
_COLUMNS: Final = (Column("KEY"), Column("DIFFERENCE"))
_DONE_COLUMNS: Final = (*_COLUMNS, Column("STATUS"))


@dataclass(frozen=True)
class DifferenceRecord:
    """A difference, and what became of it."""

    difference: Annotated[Difference, "how original, results, rows and page differ"]
    key: Annotated[str, "the original's key; for untold the result's"]
    mended: Annotated[bool, "whether it was mended"]
    reason: Annotated[str, "why it stays; empty where it does not, or nothing was tried"]


def summary(found: Sequence[Finding]) -> Iterator[str]:
    """Yield how many differences of each kind there are, and what the kind means."""
    counts = Counter(finding.difference for finding in found)
    for difference, count in sorted(counts.items()):
        yield f"{count:,} {difference}: {MEANINGS[difference]}"


def mending(done: Iterable[Mended], count: int, screen: Screen) -> Iterator[Mended]:
    """Yield what was ``done`` as it comes, and show how much of ``count`` is."""
    with screen.progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        yield from progress.track(done, total=count, description="Mending")


def _found_records(found: Sequence[Finding]) -> list[DifferenceRecord]:
    return [DifferenceRecord(each.difference, each.key, mended=False, reason="") for each in found]


def _found_text(found: Sequence[Finding], paper: Paper) -> Iterator[Text]:
    if found:
        yield from table(_COLUMNS, [_named(each) for each in found], paper.width)


def _records(done: Sequence[Mended]) -> list[DifferenceRecord]:
    return [
        DifferenceRecord(
            each.finding.difference, each.finding.key, mended=not each.reason, reason=each.reason
        )
        for each in done
    ]


def _text(done: Sequence[Mended], paper: Paper) -> Iterator[Text]:
    if done:
        yield from table(_DONE_COLUMNS, [_row(each) for each in done], paper.width)


def _row(each: Mended) -> list[Text]:
    reason = Text(printable(each.reason), "red")
    return [*_named(each.finding), reason if each.reason else Text("mended", "green")]


def _named(finding: Finding) -> list[Text]:
    return [Text(printable(finding.key)), Text(finding.difference, "yellow")]


FOUND: Final = View(_found_records, _found_text)
VIEW: Final = View(_records, _text)
