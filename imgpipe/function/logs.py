"""The function's log lines, as they are and as they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent
from imgpipe.errors import NotSetUpError
from imgpipe.function import culprits
from imgpipe.function.culprits import identity
from imgpipe.function.lines import LogLine, line, moment

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_Event = Mapping[str, Any]

# Lines reach CloudWatch 5 to 20 s after they were written, out of order: so far back is looked
# again.
LATE_LINES: Final = timedelta(seconds=30)
POLL_SECONDS: Final = 2.0
ERRORS: Final = "ERROR"
"""The filter that finds every error, Lambda's own among them, which do not have the word."""

# Any of these terms: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
_ANY_ERROR: Final = '?ERROR ?CRITICAL ?FATAL ?timeout ?"timed out" ?failure ?Runtime ?Sandbox'


def tail(aws: Aws, group: str, since: datetime, pattern: str = "") -> Iterator[LogLine]:
    """Yield the lines written from ``since`` until now (``logs:FilterLogEvents``).

    ``pattern`` is CloudWatch's: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html;
    ``ERRORS`` finds Lambda's own errors, too.

    Raises:
        NotSetUpError: there is no such log group, so the function was never invoked.
    """
    for events in _pages(aws, group, since, pattern):
        yield from _lines(aws, group, events, pattern)


def plain(aws: Aws, group: str, since: datetime) -> Iterator[LogLine]:
    """Yield all lines from ``since`` until now, without asking which picture an error struck.

    Raises as ``tail``.
    """
    for events in _pages(aws, group, since, ""):
        yield from map(line, events)


def follow(aws: Aws, group: str, since: datetime, pattern: str = "") -> Iterator[LogLine]:
    """Yield the lines written from ``since`` on, each once, until interrupted.

    Raises as ``tail``.
    """
    seen: dict[str, datetime] = {}
    while not aws.interrupted.is_set():
        for events in _pages(aws, group, since, pattern):
            new = {identity(event): event for event in events if identity(event) not in seen}
            seen |= {identity: moment(event["timestamp"]) for identity, event in new.items()}
            yield from _lines(aws, group, list(new.values()), pattern)
        since = max([since, *(time - LATE_LINES for time in seen.values())])
        seen = {identity: time for identity, time in seen.items() if time >= since}
        aws.sleep(POLL_SECONDS)


def _lines(aws: Aws, group: str, events: Sequence[_Event], pattern: str) -> Iterator[LogLine]:
    """Yield events as lines, each error with the picture that it struck, where that is known."""
    lines = [(event, line(event)) for event in events]
    unnamed = [event for event, told in lines if told.is_error and "key" not in told.fields]
    keys = culprits.keys(aws, group, unnamed) if unnamed else {}
    for event, told in lines:
        if pattern == ERRORS and not told.is_error and ERRORS not in told.message:
            continue
        key = keys.get(identity(event))
        yield replace(told, fields={"key": key, **told.fields}) if key else told


def _pages(aws: Aws, group: str, since: datetime, pattern: str) -> Iterator[Sequence[_Event]]:
    """Yield the events a page at a time; one may be empty and not the last."""
    pages = aws.client("logs").get_paginator("filter_log_events")
    wanted = {"filterPattern": _ANY_ERROR if pattern == ERRORS else pattern} if pattern else {}
    try:
        for page in pages.paginate(
            logGroupName=group,
            startTime=_milliseconds(since),
            endTime=_milliseconds(_now()),
            **wanted,
        ):
            yield page["events"]
    except ClientError as error:
        if absent(error):
            raise NotSetUpError(
                f"there is no log group {group} yet: no invocations so far",
                hint="set the pipeline up first",
                next=("setup",),
            ) from error
        raise


def _now() -> datetime:
    return datetime.now(UTC)


def _milliseconds(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000))
