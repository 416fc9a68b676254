"""One picture's invocations, as the log tells them: each try with its lines, its report, its error.

The function says ``begin KEY`` before it touches a picture, and the id of the request in every
line. Lambda's own lines have that id, too, and a try that it repeats has the same one:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.exceptions import ClientError

from handler.schema import BEGIN
from imgpipe.aws.errors import absent
from imgpipe.function import reports
from imgpipe.function.culprits import identity
from imgpipe.function.lines import LogLine, line

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.function.reports import Report

_Event = Mapping[str, Any]

# Whoever puts a picture again and again wants to know of the last times.
_MOST: Final = 10
_INIT: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(minutes=16)
# What a term of CloudWatch's may hold between quotation marks; of other keys every begin is read:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
_TERM: Final = re.compile(r"[A-Za-z0-9_./ +=@,()-]+")
_STARTS: Final = ("START RequestId: ", "platform.start")


class Span(NamedTuple):
    """A time from ``start`` to ``end``."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Invocation:
    """One try at a picture: what was said in it, by function and Lambda, in its order.

    ``request_id`` is shared by the tries of one event. Lines about other pictures are left out.
    """

    request_id: str
    lines: tuple[LogLine, ...]

    @property
    def began(self) -> datetime:
        """When it began, in UTC."""
        return self.lines[0].time

    @property
    def report(self) -> Report | None:
        """What Lambda reports, or the function says; ``None`` while it runs."""
        told = filter(None, map(reports.of_line, self.lines))
        return next(told, None) or reports.of_said(self.lines)

    @property
    def error(self) -> str:
        """Why it failed, in a line; empty if it did not."""
        errors = [each for each in self.lines if each.is_error]
        own = [str(each.fields["error"]) for each in errors if each.fields.get("error")]
        return next(iter(own), errors[-1].message if errors else "")

    @property
    def ended_well(self) -> bool:
        """Whether it came to its end, and to no error."""
        return self.report is not None and not self.error

    @property
    def said(self) -> tuple[LogLine, ...]:
        """What the function said, and of Lambda's lines the errors."""
        return tuple(each for each in self.lines if each.is_error or not each.platform)


def of_picture(aws: Aws, group: str, key: str, spans: Sequence[Span]) -> list[Invocation]:
    """Return the last tries at ``key`` that began within ``spans``, the oldest first.

    A function that never ran has none (``logs:FilterLogEvents``).
    """
    term = f'"{BEGIN} {key}"' if _TERM.fullmatch(key) else BEGIN
    with ThreadPoolExecutor(_MOST, thread_name_prefix="log") as pool:
        found = pool.map(partial(_events, aws, group, term), merged(spans))
        begun = [each for each in _ordered(found) if line(each).message == f"{BEGIN} {key}"]
        times: dict[str, list[datetime]] = {}
        for each in map(line, begun):
            times.setdefault(str(each.fields.get("requestId", "")), []).append(each.time)
        ids = list(times)[-_MOST:]
        tries = pool.map(lambda each: _tries(aws, group, key, each, times[each]), ids)
    return sorted(chain.from_iterable(tries), key=lambda each: each.began)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return ``spans`` in order, those that touch as one."""
    found: list[Span] = []
    for each in sorted(spans):
        if found and each.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, each.end))
        else:
            found.append(each)
    return found


def _tries(
    aws: Aws, group: str, key: str, request_id: str, begun: Sequence[datetime]
) -> list[Invocation]:
    spans = merged(Span(each - _INIT, each + _LONGEST) for each in begun)
    term = f'"{request_id}"' if request_id else f"{BEGIN}"
    lines = list(map(line, _ordered(_events(aws, group, term, span) for span in spans)))
    if not request_id:  # of a function that is not ours: nothing says what else belongs to it
        lines = [each for each in lines if each.message == f"{BEGIN} {key}"]
    tries = (tuple(_of_key(each, key)) for each in _divided(lines))
    return [
        Invocation(request_id, each)
        for each in tries
        if any(said.message == f"{BEGIN} {key}" for said in each)
    ]


def _divided(lines: Sequence[LogLine]) -> list[list[LogLine]]:
    """Return the lines of a request by its tries, each of which Lambda begins with a line."""
    tries: list[list[LogLine]] = [[]]
    for each in lines:
        if each.message.startswith(_STARTS):
            tries.append([])
        tries[-1].append(each)
    return tries


def _of_key(lines: Iterable[LogLine], key: str) -> Iterator[LogLine]:
    """Yield Lambda's lines and those about ``key``: one event may tell of several pictures."""
    ours = True
    for each in lines:
        word, _, begun = each.message.partition(" ")
        if word == BEGIN:
            ours = begun == key
        if ours or each.platform:
            yield each


def _ordered(pages: Iterable[Sequence[_Event]]) -> list[_Event]:
    """Return events in the order of their time, each once."""
    found = {identity(event): event for page in pages for event in page}
    return sorted(found.values(), key=lambda event: int(event["timestamp"]))


def _events(aws: Aws, group: str, pattern: str, span: Span) -> list[_Event]:
    pages = aws.client("logs").get_paginator("filter_log_events")
    try:
        return [
            event
            for page in pages.paginate(
                logGroupName=group,
                filterPattern=pattern,
                startTime=max(0, int(span.start.timestamp() * 1000)),
                endTime=max(0, int(span.end.timestamp() * 1000)),
            )
            for event in page["events"]
        ]
    except ClientError as error:
        if absent(error):
            return []
        raise
