"""What ``upload --dry-run`` shows: what would go where, and what would stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn
from rich.text import Text

from imgpipe.pictures.plan import Fate, Step
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import path_text, printable

if TYPE_CHECKING:
    from imgpipe.pictures.files import Found
    from imgpipe.render._screen import Screen

_STYLES: Final = {Fate.UPLOAD: "green", Fate.SKIP: "dim", Fate.REFUSE: "red"}


@dataclass(frozen=True)
class Plan:
    """What would be done with each file, and the bucket that it would go into."""

    bucket: str
    steps: Sequence[Step]


@dataclass(frozen=True)
class PlannedUploadRecord:
    """What would be done with one file."""

    file: Annotated[str, "the file"]
    bucket: Annotated[str, "the source bucket"]
    key: Annotated[str, "its key there"]
    size: Annotated[int, "bytes"]
    action: Annotated[Fate, "what would be done with it"]
    reason: Annotated[str, "why; empty where nothing was compared"]


def comparing(steps: Iterable[Step], found: Found, screen: Screen) -> Iterator[Step]:
    """Yield ``steps`` as they come, and show how many of what was ``found`` are through."""
    count = len(found.pictures) + len(found.refused)
    with screen.progress(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as progress:
        yield from progress.track(steps, total=count, description="Comparing")


def summary(plan: Plan) -> str:
    """Return how much would go, and how many files would stay."""
    gone = [step.file for step in plan.steps if step.fate is Fate.UPLOAD]
    size = decimal(sum(file.size for file in gone))
    skipped = sum(step.fate is Fate.SKIP for step in plan.steps)
    stay = f"; {skipped:,} of them would stay, being there already" if skipped else ""
    count = f"{len(gone):,} of {len(plan.steps):,} files"
    return f"{count}, {size}, would go into {plan.bucket}{stay}."


def _text(plan: Plan, paper: Paper) -> Iterator[Text]:
    columns = (
        Column("FILE"),
        Column("ACTION"),
        Column("SIZE", right=True, gives_way=1),
        Column("KEY OR WHY"),
    )
    yield from table(columns, [_cells(step) for step in plan.steps], paper.width)


def _cells(step: Step) -> list[Text]:
    goes = step.fate is Fate.UPLOAD
    return [
        Text(printable(path_text(step.file.path))),
        Text(step.fate, _STYLES[step.fate]),
        Text(decimal(step.file.size)),
        Text(printable(step.file.key) if goes else step.reason),
    ]


def _records(plan: Plan) -> list[PlannedUploadRecord]:
    return [
        PlannedUploadRecord(
            path_text(step.file.path),
            plan.bucket,
            step.file.key,
            step.file.size,
            step.fate,
            step.reason,
        )
        for step in plan.steps
    ]


VIEW: Final = View(_records, _text)
