"""The function's log lines, as they are and as they come."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent
from imgpipe.errors import NotSetUpError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# Lines reach CloudWatch 5 to 20 s after they were written, out of order: so far back is looked
# again.
LATE_LINES: Final = timedelta(seconds=30)
POLL_SECONDS: Final = 2.0
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
_PLATFORM_TEXT: Final = (
    "START RequestId: ",
    "END RequestId: ",
    "REPORT RequestId: ",
    "INIT_START Runtime Version: ",
    "INIT_REPORT ",
    "EXTENSION\tName: ",
)


@dataclass(frozen=True)
class LogLine:
    """One line.

    When it was written (UTC), its ``level`` (empty for plain text), its message, and whatever else
    it carries.

    ``platform`` marks Lambda's own lines about starts and ends.
    """

    time: datetime
    level: str
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    platform: bool = False


def tail(aws: Aws, group: str, since: datetime, pattern: str = "") -> Iterator[LogLine]:
    """Yield the lines written from ``since`` until now (``logs:FilterLogEvents``).

    ``pattern`` is CloudWatch's: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html.

    Raises:
        NotSetUpError: there is no such log group, so the function was never invoked.
    """
    return (line(event) for event in _events(aws, group, since, pattern))


def follow(aws: Aws, group: str, since: datetime, pattern: str = "") -> Iterator[LogLine]:
    """Yield the lines written from ``since`` on, each once, until interrupted.

    Raises as ``tail``.
    """
    seen: dict[str, datetime] = {}
    while not aws.interrupted.is_set():
        for event in _events(aws, group, since, pattern):
            if (identity := _identity(event)) not in seen:
                seen[identity] = _moment(event["timestamp"])
                yield line(event)
        since = max([since, *(time - LATE_LINES for time in seen.values())])
        seen = {identity: time for identity, time in seen.items() if time >= since}
        aws.sleep(POLL_SECONDS)


def line(event: Mapping[str, Any]) -> LogLine:
    """Return CloudWatch's event as a line. The text is the function's.

    One JSON object a line, or anything at all.
    """
    time, text = _moment(event["timestamp"]), str(event["message"]).rstrip("\n")
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return LogLine(time, "", text, platform=text.startswith(_PLATFORM_TEXT))
    if str(said.get("type", "")).startswith("platform."):
        return LogLine(time, "", said["type"], {"record": said.get("record")}, platform=True)
    return _application_line(time, said)


def _application_line(time: datetime, said: dict[str, Any]) -> LogLine:
    """Return the line of the function's own.

    An error that left it has a type, a message of its own, and a stack trace.
    """
    fields = {
        name: value
        for name, value in said.items()
        if name not in {"timestamp", "level", "message", "errorType", "errorMessage"}
    }
    failure = ": ".join(str(said[name]) for name in ("errorType", "errorMessage") if said.get(name))
    level = str(said.get("level", "") or ("ERROR" if failure else ""))
    return LogLine(time, level.upper(), str(said.get("message", "") or failure), fields)


def _events(aws: Aws, group: str, since: datetime, pattern: str) -> Iterator[Mapping[str, Any]]:
    """A page may be empty and not the last; the paginator knows."""
    pages = aws.client("logs").get_paginator("filter_log_events")
    wanted = {"filterPattern": pattern} if pattern else {}
    try:
        for page in pages.paginate(
            logGroupName=group,
            startTime=_milliseconds(since),
            endTime=_milliseconds(_now()),
            **wanted,
        ):
            yield from page["events"]
    except ClientError as error:
        if absent(error):
            raise NotSetUpError(
                f"there is no log group {group} yet: no invocations so far",
                hint="set the pipeline up first",
                next=("setup",),
            ) from error
        raise


def _identity(event: Mapping[str, Any]) -> str:
    """AWS numbers the events; the embedded one does not."""
    return str(
        event.get("eventId") or (event["logStreamName"], event["timestamp"], event["message"])
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _milliseconds(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000))


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
