"""What preview shows: each rendition's pixels, bytes, time and file, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.text import Text

from imgpipe.pictures.preview import Preview
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import path_text, printable

if TYPE_CHECKING:
    from imgpipe.render._screen import Screen

COLUMNS: Final = (
    Column("PICTURE", gives_way=4, least=12),
    Column("PIXELS", right=True),
    Column("BEFORE", right=True, gives_way=2),
    Column("AFTER", right=True, gives_way=3),
    Column("TIME", right=True, gives_way=1),
    Column("RESULT"),
)


@dataclass(frozen=True)
class RenderedRecord:
    """One result."""

    path: Annotated[str, "the file that was written"]
    key: Annotated[str, "the key it would have in the destination bucket"]
    rendition: Annotated[str, "the rendition's name; empty for the default one"]
    width: Annotated[int, "pixels"]
    height: Annotated[int, "pixels"]
    size: Annotated[int, "bytes"]
    warnings: Annotated[list[str], "what the photographer should know"]


@dataclass(frozen=True)
class PreviewRecord:
    """What became of one picture."""

    file: Annotated[str, "the picture"]
    size: Annotated[int, "bytes"]
    seconds: Annotated[float, "how long it took"]
    reason: Annotated[str, "why there is no result; empty where there is"]
    renditions: Annotated[list[RenderedRecord], "one for each rendition"]


def narrated(previews: Iterable[Preview], count: int, screen: Screen) -> Iterator[Preview]:
    """Yield ``previews`` as they come, and show how many of ``count`` are done."""
    with screen.progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        yield from progress.track(previews, total=count, description="Rendering")


def notes(previews: Sequence[Preview], folder: Path) -> Iterator[str]:
    """Yield the warnings, and where the results are."""
    for result in (result for preview in previews for result in preview.results):
        if result.warnings:
            yield f"Note on {printable(result.key)}: {printable('; '.join(result.warnings))}"
    yield f"\nThe results are in {printable(path_text(folder))}"


def _rows(preview: Preview) -> Iterator[list[Text]]:
    name, before = Text(printable(preview.file.key)), Text(decimal(preview.file.size))
    time = Text(f"{preview.seconds:.2f} s")
    if preview.reason:
        yield [name, Text("-"), before, Text("-"), time, Text(printable(preview.reason), "red")]
    for result in preview.results:
        pixels, after = Text(f"{result.width} x {result.height}"), Text(decimal(result.size))
        yield [name, pixels, before, after, time, Text(printable(result.key), no_wrap=True)]
        time = Text()  # one decoding serves every rendition


def _text(previews: Sequence[Preview], paper: Paper) -> Iterator[Text]:
    return table(COLUMNS, [row for preview in previews for row in _rows(preview)], paper.width)


def _record(preview: Preview) -> PreviewRecord:
    return PreviewRecord(
        file=path_text(preview.file.path),
        size=preview.file.size,
        seconds=round(preview.seconds, 3),
        reason=preview.reason,
        renditions=[
            RenderedRecord(
                path=path_text(result.path),
                key=result.key,
                rendition=result.rendition,
                width=result.width,
                height=result.height,
                size=result.size,
                warnings=list(result.warnings),
            )
            for result in preview.results
        ],
    )


def _records(previews: Sequence[Preview]) -> list[PreviewRecord]:
    return [_record(preview) for preview in previews]


VIEW: Final = View(_records, _text)
