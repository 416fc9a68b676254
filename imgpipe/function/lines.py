"""A log event as a line: JSON of the function's, Lambda's own in two forms, or any text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from imgpipe.function import faults

_ERROR: Final = "ERROR"
ERROR_LEVELS: Final = frozenset({_ERROR, "CRITICAL", "FATAL"})
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

    ``platform`` marks Lambda's own lines about starts and ends. Where one tells of an end by force,
    its level is an error's.
    """

    time: datetime
    level: str
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    platform: bool = False

    @property
    def is_error(self) -> bool:
        """Whether its level is an error's."""
        return self.level in ERROR_LEVELS


def line(event: Mapping[str, Any]) -> LogLine:
    """Return CloudWatch's event as a line. The text is the function's.

    One JSON object a line, or anything at all.
    """
    time, text = moment(event["timestamp"]), str(event["message"]).rstrip("\n")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return _plain_line(time, text)
    if str(said.get("type", "")).startswith("platform."):
        return _platform_line(time, said["type"], said.get("record"))
    return _application_line(time, said)


def moment(milliseconds: int) -> datetime:
    """Return CloudWatch's time, milliseconds since 1970, as a time in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _plain_line(time: datetime, text: str) -> LogLine:
    if fault := faults.of_text(text):
        return LogLine(time, _ERROR, fault, platform=True)
    return LogLine(time, "", text, platform=text.startswith(_PLATFORM_TEXT))


def _platform_line(time: datetime, kind: str, record: object) -> LogLine:
    fields = {"record": record}
    if fault := faults.of_report(kind, record):
        return LogLine(time, _ERROR, fault, fields, platform=True)
    return LogLine(time, "", kind, fields, platform=True)


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
    level = str(said.get("level", "") or (_ERROR if failure else ""))
    return LogLine(time, level.upper(), str(said.get("message", "") or failure), fields)
