"""What upload shows: its progress, and each picture's pixels, bytes and address, or what became."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, TimeElapsedColumn
from rich.style import Style
from rich.text import Text

from handler.schema import Metadata
from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.outcomes import Outcome, Remark, Result
from imgpipe.pictures.upload import Upload
from imgpipe.render import _portions
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import path_text, printable

if TYPE_CHECKING:
    from imgpipe.render._screen import Screen

STYLES: Final = {"processed": "green", "sent": "green", "skipped": "green", "waiting": "yellow"}


@dataclass(frozen=True)
class Sent:
    """What became of each file, and the distribution's ``address``; empty if it is not known."""

    results: Sequence[Result]
    address: str


@dataclass(frozen=True)
class UploadRecord:
    """What became of one file."""

    file: Annotated[str, "the file"]
    key: Annotated[str, "its key in the source bucket"]
    status: Annotated[Outcome, "how far it came"]
    reason: Annotated[str, "why it is not processed; empty if it is"]
    size: Annotated[int, "bytes"]
    renditions: Annotated[list[RenditionRecord], "what was made of it"]


@dataclass(frozen=True)
class RenditionRecord:
    """A result: the row of the table, and its address."""

    row: Annotated[Metadata, "the row, as list-metadata has it"]
    url: Annotated[str, "its address; empty if the distribution's is not known"]


def portions(results: Iterable[Result], address: Callable[[], str]) -> Iterator[Sent]:
    """Yield ``results`` in portions; their ``address`` is asked for where something has one."""
    for portion in _portions.portions(results, _order):
        some = any(result.rows for result in portion)
        yield Sent(portion, address() if some else "")


def _order(result: Result) -> tuple[bool, str]:
    """Return where a result stands: by its key, behind all that was sent where it was refused."""
    return result.outcome is Outcome.REFUSED, result.file.key


class Totals:
    """How many files were looked at, went, and were there already; and the bytes that went."""

    def __init__(self) -> None:
        self.files = self.gone = self.there = self.bytes = 0

    def counting(self, uploads: Iterable[Upload]) -> Iterator[Upload]:
        """Yield ``uploads`` as they come, each counted."""
        for upload in uploads:
            self.files += 1
            self.there += not upload.sent and not upload.error
            if upload.sent:
                self.gone += 1
                self.bytes += upload.file.size - upload.held
            yield upload


def uploading(
    uploads: Iterable[Upload], files: Iterable[LocalFile], screen: Screen
) -> Iterator[Upload]:
    """Yield ``uploads`` as they end, and show how many bytes of ``files`` have gone."""
    total = sum(file.size for file in files) if screen.watched else None
    with screen.progress(BarColumn(), DownloadColumn(), TimeElapsedColumn()) as progress:
        task = progress.add_task("Uploading", total=total)
        for upload in uploads:
            progress.advance(task, upload.file.size)
            yield upload


def following(told: Iterable[Result | Remark], count: int, screen: Screen) -> Iterator[Result]:
    """Yield the results as they come, show how many of ``count`` are through, and say the rest."""
    with screen.progress(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as progress:
        task = progress.add_task("Processing", total=count)
        for each in told:
            if isinstance(each, Result):
                progress.advance(task)
                yield each
            elif each.text:
                screen.say(f"{printable(each.text)}.")


def left_out(count: int) -> str:
    """Return that ``count`` files stayed behind, and what sends them."""
    if count == 1:
        return "Left out 1 file that is no picture; --force uploads it."
    return f"Left out {count} files that are no pictures; --force uploads them."


def sent(totals: Totals, seconds: float) -> str:
    """Return how much went, and how long it took."""
    there, size = totals.there, decimal(totals.bytes)
    skipped = f" Left {there:,} that {_are(there)} there already." if there else ""
    return (
        f"Uploaded {totals.gone:,} of {totals.files:,} files, {size}, in {seconds:.1f} s.{skipped}"
    )


def resumed(upload: Upload) -> str:
    """Return that S3 had a part of an upload, from one that was broken off."""
    name, held = printable(upload.file.key), decimal(upload.held)
    return f"Went on with {name}, of which S3 had {held} from a run that was broken off."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def notes(rows: Iterable[Metadata]) -> Iterator[str]:
    """Yield what the photographer should know of each result."""
    for row in rows:
        if row.warnings:
            yield f"Note on {printable(row.filename)}: {printable('; '.join(row.warnings))}"


def _text(done: Sent, paper: Paper) -> Iterator[Text]:
    """Yield the table: whole addresses in a pipe, and on a terminal what follows the common one.

    That one is said once, above; where the terminal knows links, the rest can be clicked.
    """
    short = paper.bounded and bool(done.address)
    if short:
        yield Text(f"Results below {done.address}", "dim")
    columns = (
        Column("PICTURE"),
        Column("STATUS"),
        Column("PIXELS", right=True, gives_way=3),
        Column("BEFORE", right=True, gives_way=1),
        Column("AFTER", right=True, gives_way=2),
        Column("PATH" if short else "URL"),
    )
    rows = [cells for result in done.results for cells in _cells(result, done.address, paper)]
    yield from table(columns, rows, paper.width)


def _cells(result: Result, address: str, paper: Paper) -> Iterator[list[Text]]:
    name, before = Text(printable(result.file.key)), Text(decimal(result.file.size))
    status = Text(result.outcome, STYLES.get(result.outcome, "red"))
    for row in result.rows:
        pixels, after = Text(f"{row.width} x {row.height}"), Text(decimal(row.size))
        yield [name, status, pixels, before, after, _place(row.filename, address, paper)]
    if result.reason or not result.rows:
        reason = Text(printable(result.reason) or "-")
        yield [name, status, Text("-"), before, Text("-"), reason]


def _place(key: str, address: str, paper: Paper) -> Text:
    url = _url(key, address)
    if not paper.bounded or not url:
        return Text(url or printable(key), no_wrap=True)
    style = Style(link=url) if paper.links else ""
    return Text(url.removeprefix(address), style)


def _url(key: str, address: str) -> str:
    return f"{address}{quote(key, safe='/')}" if address else ""


def _records(done: Sent) -> list[UploadRecord]:
    return [_record(result, done.address) for result in done.results]


def _record(result: Result, address: str) -> UploadRecord:
    return UploadRecord(
        file=path_text(result.file.path),
        key=result.file.key,
        status=result.outcome,
        reason=result.reason,
        size=result.file.size,
        renditions=[RenditionRecord(row, _url(row.filename, address)) for row in result.rows],
    )


VIEW: Final = View(_records, _text)
