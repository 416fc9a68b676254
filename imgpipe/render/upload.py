"""What upload shows: its progress, and then each picture's dimensions, bytes and URL, or what became of it instead."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from imgpipe.render._screen import data, human_bytes, narration, print_json
from imgpipe.render._table import columns
from imgpipe.render.untrusted import path_text, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from handler.schema import Metadata
    from imgpipe.pictures.files import Found
    from imgpipe.pictures.outcomes import Result
    from imgpipe.pictures.upload import Upload
    from imgpipe.settings import Settings

T = TypeVar("T")

HEADER: Final = ("PICTURE", "STATUS", "PIXELS", "BEFORE", "AFTER", "URL")
STYLES: Final = {"processed": "green", "sent": "green", "waiting": "yellow"}


def uploading(uploads: Iterable[Upload], found: Found, settings: Settings) -> list[Upload]:
    """Show the bytes that have gone, and return the uploads as they ended."""
    talk, began = narration(quiet=settings.quiet), time.monotonic()
    if found.left_out:
        talk.print(
            f"Left out {found.left_out} files that are not pictures; --force uploads them, too."
        )
    total = sum(file.size for file in found.pictures)
    with _progress(DownloadColumn(), settings) as progress:
        task = progress.add_task("Uploading", total=total)
        finished = list(_advanced(uploads, lambda upload: progress.advance(task, upload.file.size)))
    took = time.monotonic() - began
    talk.print(
        f"Uploaded {sum(not upload.error for upload in finished)} of {len(finished)} files, {human_bytes(total)}, in {took:.1f} s."
    )
    return finished


def following(results: Iterable[Result], count: int, settings: Settings) -> list[Result]:
    """Show how many of ``count`` pictures are through, and return the results by key."""
    with _progress(MofNCompleteColumn(), settings) as progress:
        task = progress.add_task("Processing", total=count)
        finished = list(_advanced(results, lambda _: progress.advance(task)))
    return sorted(finished, key=lambda result: result.file.key)


def table(results: Sequence[Result], url: Callable[[str], str], settings: Settings) -> None:
    """Print the results; ``url`` gives the address of a processed key."""
    if settings.output == "json":
        print_json([_record(result, url) for result in results])
        return
    console, talk = data(), narration(quiet=settings.quiet)
    rows = [row for result in results for row in _rows(result, url)]
    console.print(
        Text("\n").join(columns(HEADER, rows, right=frozenset({"PIXELS", "BEFORE", "AFTER"}))),
        soft_wrap=True,
    )
    for row in (row for result in results for row in result.rows if row.warnings):
        talk.print(Text(f"Note on {printable(row.filename)}: {printable('; '.join(row.warnings))}"))


@contextmanager
def _progress(column: ProgressColumn, settings: Settings) -> Iterator[Progress]:
    console = narration(quiet=settings.quiet)
    shown = (TextColumn("{task.description}"), BarColumn(), column, TimeElapsedColumn())
    with Progress(
        *shown, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield progress


def _advanced(items: Iterable[T], advance: Callable[[T], object]) -> Iterator[T]:
    for item in items:
        advance(item)
        yield item


def _rows(result: Result, url: Callable[[str], str]) -> Iterator[list[Text]]:
    name, before = Text(printable(result.file.key)), Text(human_bytes(result.file.size))
    status = Text(result.outcome, STYLES.get(result.outcome, "red"))
    for row in result.rows:
        yield [
            name,
            status,
            Text(f"{row.width} x {row.height}"),
            before,
            Text(human_bytes(row.size)),
            Text(url(row.filename)),
        ]
    if result.reason or not result.rows:
        yield [name, status, Text("-"), before, Text("-"), Text(printable(result.reason) or "-")]


def _record(result: Result, url: Callable[[str], str]) -> dict[str, Any]:
    return {
        "file": path_text(result.file.path),
        "key": result.file.key,
        "status": result.outcome,
        "reason": result.reason,
        "size": result.file.size,
        "renditions": [_rendition(row, url) for row in result.rows],
    }


def _rendition(row: Metadata, url: Callable[[str], str]) -> dict[str, Any]:
    return {**vars(row), "url": url(row.filename)}
