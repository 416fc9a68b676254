"""What reprocess shows: what it will cost, its progress, and what became of each picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final

from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.text import Text

from imgpipe.pictures.again import Fate, Redone
from imgpipe.pictures.batch import Started
from imgpipe.render._again import expected
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from imgpipe.pipeline.again import Expense
    from imgpipe.render._screen import Screen

LOOKING: Final = "Looking for pictures"
NOTHING: Final = "There is nothing to make again."
ADVICE: Final = "For so many, let S3 Batch Operations start the function; nobody need wait here:"
_COLUMNS: Final = (Column("PICTURE"), Column("STATUS"), Column("RESULT"))
_STYLES: Final = {Fate.PROCESSED: "green", Fate.SELECTED: "yellow", Fate.WAITING: "yellow"}


@dataclass(frozen=True)
class ReprocessRecord:
    """What became of one picture."""

    key: Annotated[str, "its key in the source bucket"]
    status: Annotated[Fate, "what became of it"]
    reason: Annotated[str, "why it was not made again; empty if it was, or nothing was tried"]
    results: Annotated[list[str], "keys of what was made of it"]


@dataclass(frozen=True)
class JobOrderedRecord:
    """A job of S3 Batch Operations that was begun, or what it would be."""

    id: Annotated[str, "what S3 calls it; empty: none was begun"]
    before: Annotated[bool, "whether an earlier run had begun it, and it goes on"]
    pictures: Annotated[int, "how many it makes again"]
    dollars: Annotated[float, "what that costs, about"]
    seconds: Annotated[float, "how long it takes, about"]
    gone: Annotated[list[str], "keys that were named and are not in the source bucket"]


@dataclass(frozen=True)
class Ordered:
    """What a job costs and takes, the job, where it was ``started``, and the keys left out."""

    expense: Expense
    started: Started = field(default_factory=lambda: Started(""))
    gone: Sequence[str] = ()

    @property
    def id(self) -> str:
        """The job's; empty where none was begun."""
        return self.started.id


def announced(found: Expense) -> str:
    """Return how many pictures there are, and what they cost and take."""
    return f"{_counted(found)}: {expected(found)}, {found.at_once} at a time."


def announced_job(found: Expense) -> str:
    """Return the same of a job, whose pace is S3's business."""
    return (
        f"{_counted(found)}: {expected(found)}, if S3 starts {found.at_once} at a time; "
        f"${found.job:,.2f} of it for the job."
    )


def _counted(found: Expense) -> str:
    return f"{found.pictures:,} picture{'s' * (found.pictures != 1)}"


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


def _job_record(ordered: Ordered) -> JobOrderedRecord:
    return JobOrderedRecord(
        ordered.id,
        ordered.started.before,
        ordered.expense.pictures,
        ordered.expense.dollars,
        ordered.expense.seconds,
        list(ordered.gone),
    )


def _job_text(ordered: Ordered, paper: Paper) -> Iterator[Text]:
    for key in ordered.gone:
        line = Text(f"{printable(key)} is not in the source bucket", "yellow")
        yield from wrapped(line, paper.width, "  ")
    if not ordered.id:
        yield Text("No job was begun.")
        return
    words = "goes on, as an earlier run began it" if ordered.started.before else "was begun"
    yield Text(f"Job {ordered.id} {words}.", "green")


VIEW: Final = View(_records, _text)
JOB: Final = View(_job_record, _job_text)
