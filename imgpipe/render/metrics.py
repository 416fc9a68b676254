"""What metrics shows: a line of bars for each figure on a terminal, a table of steps in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from rich.filesize import decimal
from rich.progress import SpinnerColumn, TimeElapsedColumn
from rich.text import Text

from imgpipe.function.metrics import Figures, Metrics, step_of
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render._table import GAP, Column, table

READING: Final = (SpinnerColumn(), TimeElapsedColumn())
_BARS: Final = "▁▂▃▄▅▆▇█"
_NOTHING: Final = "-"
_NOTHING_AT_ALL: Final = Figures(0, 0, 0, 0, None, None, 0)


@dataclass(frozen=True)
class FiguresRecord:
    """What happened in a span of time."""

    pictures: Annotated[int, "pictures processed, however many renditions each has"]
    rejected: Annotated[int, "pictures that can never work"]
    errors: Annotated[int, "invocations that failed; a retry is one of its own"]
    cold_starts: Annotated[int, "pictures that waited for an execution environment to start"]
    p50: Annotated[float | None, "milliseconds that half of the pictures took at most"]
    p95: Annotated[float | None, "milliseconds that 95 of 100 took at most"]
    saved: Annotated[int, "bytes of the originals, less those of each one's largest result"]


@dataclass(frozen=True)
class SpanRecord:
    """One step of the span."""

    time: Annotated[datetime, "when it began"]
    figures: Annotated[FiguresRecord, "what happened in it"]


@dataclass(frozen=True)
class MetricsRecord:
    """What the function did in a span of time."""

    since: Annotated[datetime, "when the span began"]
    until: Annotated[datetime, "when it ended"]
    total: Annotated[FiguresRecord, "what happened in it"]
    steps: Annotated[list[SpanRecord], "its steps, of equal length, in order"]


@dataclass(frozen=True)
class _Line:
    """A figure as it is shown: its ``label``, how to read it, its colour, how to write it."""

    label: str
    read: Callable[[Figures], float | None]
    colour: str
    write: Callable[[float], str] = "{:,.0f}".format


_LINES: Final = (
    _Line("pictures", lambda of: of.pictures, "green"),
    _Line("rejected", lambda of: of.rejected, "yellow"),
    _Line("errors", lambda of: of.errors, "red"),
    _Line("cold starts", lambda of: of.cold_starts, "cyan"),
    _Line("p50", lambda of: of.p50, "blue", "{:,.0f} ms".format),
    _Line("p95", lambda of: of.p95, "blue", "{:,.0f} ms".format),
    _Line("saved", lambda of: of.saved, "green", lambda size: _bytes(int(size))),
)
_COLUMNS: Final = (
    Column("TIME (UTC)"),
    *(Column(line.label.upper(), right=True) for line in _LINES),
)


def remarks(found: Metrics, paper: Paper) -> Iterator[str]:
    """Yield what is to be known of what is not shown."""
    if found.total == _NOTHING_AT_ALL:
        yield "\nNothing happened in that time. Look further back with --since 1d."
        return
    steps = len(found.steps)
    if not paper.bounded and (empty := steps - len(_eventful(found))):
        yield f"\n{empty} of {steps} steps of {_step(found)} are left out: nothing happened then."


def _record(found: Metrics) -> MetricsRecord:
    steps = [SpanRecord(time, _figures(figures)) for time, figures in found.steps]
    return MetricsRecord(found.since, found.until, _figures(found.total), steps)


def _figures(figures: Figures) -> FiguresRecord:
    return FiguresRecord(**asdict(figures))


def _text(found: Metrics, paper: Paper) -> Iterator[Text]:
    if not paper.bounded:
        steps = _eventful(found)
        rows = [_cells(f"{time:%Y-%m-%d %H:%M}", figures) for time, figures in steps]
        yield from table(_COLUMNS, [*rows, _cells("in all", found.total)], paper.width)
        return
    span = f"{found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC"
    yield from wrapped(Text(f"{span}, {_step(found)} a bar", "bold"), paper.width)
    yield Text()
    yield from _charts(found, paper)


def _eventful(found: Metrics) -> list[tuple[datetime, Figures]]:
    return [(time, figures) for time, figures in found.steps if figures != _NOTHING_AT_ALL]


def _cells(name: str, figures: Figures) -> list[Text]:
    return [Text(name), *(Text(_written(line, figures)) for line in _LINES)]


def _charts(found: Metrics, paper: Paper) -> Iterator[Text]:
    labels = max(len(line.label) for line in _LINES)
    totals = [_written(line, found.total) for line in _LINES]
    width = max(map(len, totals))
    room = max(1, paper.width - labels - width - 2 * len(GAP))
    for line, total in zip(_LINES, totals, strict=True):
        values = [line.read(figures) for _, figures in found.steps][-room:]
        chart = Text(bars(values), line.colour)
        yield Text.assemble(f"{line.label:<{labels}}{GAP}{total:>{width}}{GAP}", chart)


def bars(values: Sequence[float | None]) -> str:
    """Return a bar for each value, the greatest the highest; a blank for nothing."""
    highest = max((value for value in values if value), default=0)
    return "".join(_bar(value, highest) for value in values)


def _bar(value: float | None, highest: float) -> str:
    if not value or value < 0:
        return " "
    return _BARS[min(int(value / highest * len(_BARS)), len(_BARS) - 1)]


def _written(line: _Line, figures: Figures) -> str:
    value = line.read(figures)
    return _NOTHING if value is None else line.write(value)


def _bytes(size: int) -> str:
    return decimal(size) if size >= 0 else f"-{decimal(-size)}"


def _step(found: Metrics) -> str:
    step = step_of(found.until - found.since)
    hours = step / timedelta(hours=1)
    return f"{hours:.0f} h" if hours >= 1 else f"{step / timedelta(minutes=1):.0f} min"


VIEW: Final = View(_record, _text)
