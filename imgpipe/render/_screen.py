"""The one place where anything is shown: data on stdout, what is said about it on stderr.

A command hands over a value and the view of it; whether that becomes a table, JSON or CSV, how wide
it is, and what the next command is called, is decided here. Markup is never read, because names and
log lines are hostile.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Final, Generic, TypeVar

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import Progress, ProgressColumn, TextColumn
from rich.text import Text

from imgpipe.render._canvas import Canvas
from imgpipe.render._envelope import envelope, listed
from imgpipe.render._failure import error_record, failure
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render.untrusted import printable, shell_words, spreadsheet_cell

if TYPE_CHECKING:
    from imgpipe.errors import ImgpipeError

T = TypeVar("T")

# A second: enough for a timer, and little for a slow line.
_FRAMES: Final = 5
_LINES_AT_ONCE: Final = 100


@dataclass(frozen=True)
class View(Generic[T]):
    """How one kind of value is shown.

    Attributes:
        record: the value as a dataclass, which is its documented JSON.
        text: the value as lines for people, no wider than the paper says.
        csv: the header and the cells of the value, where it has such a form.
    """

    record: Callable[[T], object]
    text: Callable[[T, Paper], Iterable[Text]]
    csv: tuple[Sequence[str], Callable[[T], Sequence[object]]] | None = None


class Screen:
    """What one run of ``command`` writes to.

    ``same_pipeline`` are the global options that lead to the same pipeline, a space behind each.
    """

    def __init__(
        self,
        command: str,
        *,
        output: str = "table",
        quiet: bool = False,
        debug: bool = False,
        same_pipeline: str = "",
    ) -> None:
        self.command = command
        self.output = output
        self.debug = debug
        self.same_pipeline = same_pipeline
        self._data = _console(sys.stdout)
        self._talk = _console(sys.stderr)
        # A script that reads stderr for the error, which is JSON too, must find nothing beside it.
        self._talk.quiet = quiet or (output == "json" and not self._talk.is_terminal)
        self._drawn: Progress | None = None
        self.paper = Paper.of(self._data, debug=debug)
        self.side_paper = Paper.of(self._talk, debug=debug)

    def show(self, view: View[T], value: T) -> None:
        """Write ``value`` to stdout, as lines for people or as one JSON envelope."""
        if self.output == "json":
            self._write_json(view.record(value))
            return
        self.write(view.text(value, self.paper))

    def write(self, lines: Iterable[Text]) -> None:
        """Write ``lines`` to stdout, for people alone: what has no other form."""
        rest = iter(lines)
        # To print is half of a line's time, whatever is printed.
        while some := list(islice(rest, _LINES_AT_ONCE)):
            self._data.print(Text("\n").join(some), soft_wrap=True)

    def stream(self, view: View[T], values: Iterable[T]) -> int:
        """Write each of ``values`` to stdout as it comes; return how many there were.

        As JSON every line is an envelope of its own, so that memory stays flat and a reader can
        begin before the end.
        """
        count = 0
        write = self._writer(view)
        for count, value in enumerate(values, start=1):  # noqa: B007 - returned
            write(value)
            sys.stdout.flush()
        return count

    def portions(self, view: View[T], values: Iterable[T]) -> Generator[T, None, None]:
        """Write ``values`` to stdout as they come, portions of one whole, and yield each then.

        As JSON they are one envelope around the list of all their records.
        """
        with self._whole(view) as write:
            for value in values:
                with self._aside():
                    write(value)
                    sys.stdout.flush()
                yield value

    def say(self, text: str | Text = "", style: str = "") -> None:
        """Write a remark to stderr, wrapped between words; a quiet screen keeps it to itself."""
        lines = [text] if isinstance(text, Text) else wrapped(text, self.side_paper.width)
        for line in lines:
            self._talk.print(line, style=style, soft_wrap=True)

    def next(self, *commands: str) -> None:
        """Say which commands go on from here."""
        self.say(f"\nNext: {' or '.join(self.spelled(command) for command in commands)}")

    def spelled(self, command: str) -> str:
        """Return ``command`` as it must be typed to reach the same pipeline.

        A ``--local`` that it begins with is said once.
        """
        if "--local" in self.same_pipeline.split():
            command = command.removeprefix("--local ")
        return shell_words(f"imgpipe {self.same_pipeline}{command}")

    def fail(self, error: ImgpipeError) -> None:
        """Write what failed and what to do next to stderr, as text or as a JSON envelope."""
        if self.output == "json":
            record = error_record(error, self.spelled)
            sys.stderr.write(f"{envelope(self.command, record, 'error')}\n")
            return
        console = _console(sys.stderr)
        for line in failure(error, self.spelled, self.side_paper.width):
            console.print(line, soft_wrap=True)

    @property
    def canvas(self) -> Canvas | None:
        """What pictures are drawn on; ``None`` where they cannot be seen."""
        return Canvas.of(self._data) if self.output == "table" else None

    @contextmanager
    def progress(self, *columns: ProgressColumn) -> Iterator[Progress]:
        """Show tasks under way on stderr while a terminal watches, and nothing afterwards."""
        shown = (TextColumn("{task.description}", markup=False), *columns)
        hidden = not self.watched
        with Progress(*shown, console=self._talk, transient=True, disable=hidden) as self._drawn:
            yield self._drawn

    @property
    def watched(self) -> bool:
        """Whether a person sees on a terminal what is said on stderr."""
        return self._talk.is_terminal and not self._talk.quiet

    @property
    def animated(self) -> bool:
        """Whether lines may be drawn anew where somebody watches, and no log comes between."""
        return self.watched and not self._talk.is_dumb_terminal and not self.debug

    @contextmanager
    def live(self, shown: RenderableType) -> Iterator[None]:
        """Draw ``shown`` on stderr again and again; nothing of it is left afterwards."""
        with Live(shown, console=self._talk, transient=True, refresh_per_second=_FRAMES):
            yield

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """Draw nothing while lines are written: both may go to the same terminal."""
        drawn = self._drawn if self._drawn and self._drawn.live.is_started else None
        if drawn:
            drawn.stop()
        yield
        if drawn:
            drawn.start()

    @contextmanager
    def _whole(self, view: View[T]) -> Iterator[Callable[[T], object]]:
        if self.output != "json":
            yield lambda value: self.write(view.text(value, self.paper))
            return
        with listed(self.command, sys.stdout) as add:
            yield lambda value: add(view.record(value))

    def _writer(self, view: View[T]) -> Callable[[T], object]:
        if self.output == "json":
            return lambda value: self._write_json(view.record(value), indent=None)
        if self.output == "csv" and view.csv:
            header, cells = view.csv
            row = _csv_writer()
            row(header)
            return lambda value: row([spreadsheet_cell(cell) for cell in cells(value)])
        return lambda value: self.write(view.text(value, self.paper))

    def _write_json(self, record: object, indent: int | None = 2) -> None:
        sys.stdout.write(f"{envelope(self.command, record, indent=indent)}\n")


def _console(stream: IO[str]) -> Console:
    return Console(file=stream, markup=False, highlight=False, emoji=False)


def _csv_writer() -> Callable[[Sequence[object]], object]:
    import csv  # noqa: PLC0415 - one command has it

    row = csv.writer(sys.stdout, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow
    if not sys.stdout.isatty():
        return row
    # A file gets what there is; a terminal would do what it says.
    return lambda cells: row([printable(c) if isinstance(c, str) else c for c in cells])
