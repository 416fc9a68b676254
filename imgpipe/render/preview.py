"""What preview shows: its progress, and then each rendition's dimensions, bytes, time and file, or the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from imgpipe.render._screen import data, human_bytes, narration, print_json
from imgpipe.render._table import columns
from imgpipe.render.untrusted import path_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from imgpipe.pictures.preview import Preview, Result
    from imgpipe.settings import Settings

HEADER: Final = ("PICTURE", "PIXELS", "BEFORE", "AFTER", "TIME", "RESULT")


def narrated(previews: Iterable[Preview], count: int, settings: Settings) -> list[Preview]:
    """Show how many of ``count`` pictures are done, and return them all."""
    console = narration(quiet=settings.quiet)
    shown = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *shown, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        return list(progress.track(previews, total=count, description="Rendering"))


def done(found: Sequence[Preview], folder: Path, settings: Settings) -> None:
    """Print what became of every picture; warnings go beside it, for people."""
    if settings.output == "json":
        print_json([_record(preview) for preview in found])
        return
    console, talk = data(), narration(quiet=settings.quiet)
    rows = [row for preview in found for row in _rows(preview)]
    for line in columns(HEADER, rows, right=frozenset(HEADER[1:5])):
        console.print(line, soft_wrap=True)
    for result in (result for preview in found for result in preview.results if result.warnings):
        talk.print(
            Text(f"Note on {printable(result.key)}: {printable('; '.join(result.warnings))}")
        )
    talk.print(Text(f"\nThe results are in {printable(path_text(folder))}"))


def _rows(preview: Preview) -> Iterator[list[Text]]:
    name, before = Text(printable(preview.file.key)), Text(human_bytes(preview.file.size))
    time = Text(f"{preview.seconds:.2f} s")
    if preview.reason:
        yield [name, Text("-"), before, Text("-"), time, Text(printable(preview.reason), "red")]
    for result in preview.results:
        yield [
            name,
            Text(f"{result.width} x {result.height}"),
            before,
            Text(human_bytes(result.size)),
            time,
            Text(printable(result.key)),
        ]
        time = Text()  # one decoding serves every rendition


def _record(preview: Preview) -> dict[str, Any]:
    return {
        "file": path_text(preview.file.path),
        "size": preview.file.size,
        "seconds": round(preview.seconds, 3),
        "reason": preview.reason,
        "renditions": [_rendition(result) for result in preview.results],
    }


def _rendition(result: Result) -> dict[str, Any]:
    return {**vars(result), "path": path_text(result.path)}
