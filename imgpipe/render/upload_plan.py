"""What ``upload --dry-run`` shows: what would go where, and what would stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn
from rich.text import Text

from imgpipe.pictures.plan import Fate, Step
from imgpipe.render import _portions
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


def portions(bucket: str, steps: Iterable[Step]) -> Iterator[Plan]:
    """Yield ``steps`` in portions."""
    for portion in _portions.portions(steps, lambda step: step.file.key):
        yield Plan(bucket, portion)


class Totals:
    """How many files would be treated how, and the bytes that would go."""

    def __init__(self) -> None:
        self.fates: Counter[Fate] = Counter()
        self.bytes = 0

    def count(self, steps: Sequence[Step]) -> None:
        """Count ``steps``, too."""
        self.fates.update(step.fate for step in steps)
        self.bytes += sum(step.file.size for step in steps if step.fate is Fate.UPLOAD)


def summary(bucket: str, totals: Totals) -> str:
    """Return how much would go, and how many files would stay."""
    fates, size = totals.fates, decimal(totals.bytes)
    skipped = fates[Fate.SKIP]
    stay = f"; {skipped:,} of them would stay, being there already" if skipped else ""
    count = f"{fates[Fate.UPLOAD]:,} of {fates.total():,} files"
    return f"{count}, {size}, would go into {bucket}{stay}."


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
