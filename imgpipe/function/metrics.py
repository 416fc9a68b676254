"""What the function did in a span of time, counted from its own log lines.

They say all of it already, and reading them is free: no metric is made of them, which would cost
$0.30 a month each, whether or not somebody looks (docs/decisions/0019-what-looking-costs.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Final

from handler.schema import BEGIN, COLD_START, SELF_TEST_KEY, Status

if TYPE_CHECKING:
    from imgpipe.function.lines import LogLine

_MOST_STEPS: Final = 48
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_STEPS: Final = (
    *(n * _MINUTE for n in (1, 2, 5, 10, 20, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12, 24)),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Figures:
    """What happened: counts, ``p50`` and ``p95`` in milliseconds (``None``: nothing to tell).

    ``saved`` is how many bytes less a visitor fetches: each original's less its largest result's.
    """

    pictures: int
    rejected: int
    errors: int
    cold_starts: int
    p50: float | None
    p95: float | None
    saved: int


@dataclass(frozen=True)
class Metrics:
    """The ``total`` from ``since`` to ``until`` (UTC), and ``steps`` of equal length, in order."""

    since: datetime
    until: datetime
    total: Figures
    steps: Sequence[tuple[datetime, Figures]]


@dataclass
class _Picture:
    """One picture through one invocation: it has a line for each rendition."""

    status: Status
    duration: float = 0.0
    original: int = 0
    largest: int = 0


@dataclass
class _Seen:
    """What the lines of one step say; errors by their invocations, which say more than one."""

    pictures: dict[tuple[str, str], _Picture] = field(default_factory=dict)
    errors: set[str] = field(default_factory=set)
    cold_starts: int = 0


def metrics(lines: Iterable[LogLine], since: datetime, until: datetime) -> Metrics:
    """Return what ``lines``, in any order, say of the time from ``since`` to ``until`` (UTC)."""
    step = step_of(until - since)
    first = since - (since - _EPOCH) % step
    starts = [first + n * step for n in range(ceil((until - first) / step))]
    seen = {start: _Seen() for start in starts}
    for line in lines:
        if since <= line.time < until:
            _count(line, seen[line.time - (line.time - _EPOCH) % step])
    total = _Seen()
    for each in seen.values():
        total.pictures |= each.pictures
        total.errors |= each.errors
        total.cold_starts += each.cold_starts
    return Metrics(
        since, until, _figures(total), [(start, _figures(each)) for start, each in seen.items()]
    )


def step_of(span: timedelta) -> timedelta:
    """Return a length that people know, of which at most 48, and a part, make up ``span``."""
    fitting = (step for step in _STEPS if span / step <= _MOST_STEPS)
    return next(fitting, timedelta(days=ceil(span / timedelta(days=_MOST_STEPS))))


def _count(line: LogLine, seen: _Seen) -> None:
    word, _, key = line.message.partition(" ")
    if line.is_error:
        seen.errors.add(_invocation(line) or f"{line.time} {line.message}")
    elif key == SELF_TEST_KEY:
        return
    elif word == BEGIN and line.fields.get(COLD_START):
        seen.cold_starts += 1
    elif word in set(Status):
        identity = _invocation(line), key
        _row(line.fields, seen.pictures.setdefault(identity, _Picture(Status(word))))


def _row(fields: Mapping[str, object], picture: _Picture) -> None:
    picture.duration = max(picture.duration, _number(fields.get("duration")))
    picture.original = int(_number(fields.get("source_size")))
    picture.largest = max(picture.largest, int(_number(fields.get("size"))))


def _number(value: object) -> float:
    """Return a number of a line's; 0 for what is none, or was left out, as zeros are."""
    return float(value) if isinstance(value, int | float) else 0.0


def _invocation(line: LogLine) -> str:
    """Return the id of the invocation: Lambda's own lines have it in their record."""
    record = line.fields.get("record")
    told = record if isinstance(record, Mapping) else line.fields
    return str(told.get("requestId", ""))


def _figures(seen: _Seen) -> Figures:
    done = [each for each in seen.pictures.values() if each.status is Status.PROCESSED]
    durations = sorted(each.duration for each in seen.pictures.values())
    return Figures(
        pictures=len(done),
        rejected=len(seen.pictures) - len(done),
        errors=len(seen.errors),
        cold_starts=seen.cold_starts,
        p50=percentile(durations, 50),
        p95=percentile(durations, 95),
        saved=sum(each.original - each.largest for each in done),
    )


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the least of ``ordered`` that ``percent`` of them do not pass; ``None`` of none."""
    return ordered[ceil(len(ordered) * percent / 100) - 1] if ordered else None
