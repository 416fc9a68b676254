"""What rm shows: what stands of pictures, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn
from rich.text import Text

from imgpipe.pictures.removal import Fate, Picture, Removed
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from imgpipe.render._screen import Screen

_COLUMNS: Final = (Column("PICTURE"), Column("RESULTS", right=True), Column("ROWS", right=True))
_DONE_COLUMNS: Final = (*_COLUMNS, Column("STATUS"))
_UNKNOWN: Final = "neither an original, nor a result, nor an address of one"


@dataclass(frozen=True)
class StandingPictureRecord:
    """A picture that stands, and what would go with it."""

    key: Annotated[str, "the original's key"]
    original: Annotated[bool, "whether the original itself is still there"]
    results: Annotated[list[str], "keys of its results in the destination bucket"]
    rows: Annotated[int, "its rows in the table"]


@dataclass(frozen=True)
class RemovedRecord:
    """What became of one picture."""

    key: Annotated[str, "the original's key, or the name that means none"]
    status: Annotated[Fate, "what became of it"]
    reason: Annotated[str, "why it is not simply gone; empty if it is"]
    results: Annotated[list[str], "keys of the results that went with it"]
    rows: Annotated[int, "the rows that went with it"]


def summary(
    pictures: Sequence[Picture], names: Sequence[str], versions: int | None
) -> Iterator[str]:
    """Yield what would go, which ``names`` mean nothing, and what can be brought back."""
    if not pictures:
        yield "No picture's key begins so."
        return
    yield f"Found {counted(pictures)}."
    yield from (f"Not found: {printable(name)}, {_UNKNOWN}." for name in names)
    if versions is None:
        yield "The source bucket keeps no versions: what is deleted cannot be brought back."
    else:
        yield (
            f"The source bucket keeps versions: {versions:,} of these originals stay in it, and can"
            " be brought back until somebody deletes them."
        )


def counted(pictures: Sequence[Picture]) -> str:
    """Return how many originals, results and rows there are."""
    originals = sum(picture.original for picture in pictures)
    results = sum(len(picture.results) for picture in pictures)
    rows = sum(len(picture.left.rows) for picture in pictures)
    counts = ((originals, "original"), (results, "result"), (rows, "row"))
    words = [f"{count:,} {what}{'' if count == 1 else 's'}" for count, what in counts]
    return f"{', '.join(words[:-1])} and {words[-1]}"


def under_way(what: str, done: Iterable[Removed], count: int, screen: Screen) -> Iterator[Removed]:
    """Yield what is ``done`` as it comes, and show how much of ``count`` is."""
    with screen.progress(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as progress:
        yield from progress.track(done, total=count, description=what)


def unknown(names: Iterable[str]) -> list[Removed]:
    """Return what becomes of names that mean nothing."""
    return [Removed(Picture(name, original=False), Fate.UNKNOWN, _UNKNOWN) for name in names]


def _found_records(pictures: Sequence[Picture]) -> list[StandingPictureRecord]:
    return [
        StandingPictureRecord(each.key, each.original, list(each.results), len(each.left.rows))
        for each in pictures
    ]


def _found_text(pictures: Sequence[Picture], paper: Paper) -> Iterator[Text]:
    if pictures:
        yield from table(_COLUMNS, [_counts(each) for each in pictures], paper.width)


def _records(done: Sequence[Removed]) -> list[RemovedRecord]:
    return [
        RemovedRecord(
            each.picture.key,
            each.fate,
            each.reason,
            list(each.picture.results),
            len(each.picture.left.rows),
        )
        for each in done
    ]


def _text(done: Sequence[Removed], paper: Paper) -> Iterator[Text]:
    yield from table(_DONE_COLUMNS, [_row(each) for each in done], paper.width)


def _row(each: Removed) -> list[Text]:
    words = f"{each.fate}: {printable(each.reason)}" if each.reason else each.fate
    return [*_counts(each.picture), Text(words, "red" if each.reason else "green")]


def _counts(picture: Picture) -> list[Text]:
    results, rows = len(picture.results), len(picture.left.rows)
    return [Text(printable(picture.key)), Text(f"{results:,}"), Text(f"{rows:,}")]


FOUND: Final = View(_found_records, _found_text)
VIEW: Final = View(_records, _text)
