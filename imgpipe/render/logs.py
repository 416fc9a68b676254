"""What logs shows: one line each, coloured by level where a terminal watches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from rich.text import Text

from imgpipe.function.lines import LogLine
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render.untrusted import printable

STYLES: Final = {
    "DEBUG": "dim",
    "INFO": "green",
    "WARN": "yellow",
    "WARNING": "yellow",
    "ERROR": "red",
    "CRITICAL": "bold red",
    "FATAL": "bold red",
}
TRACE: Final = "stackTrace"
_INDENT: Final = "    "
# Told by the message already, or of use to machines alone; JSON has them.
_PLUMBING: Final = frozenset(
    {TRACE, "requestId", "status", "source_key", "source_etag", "source_modified", "upload_id"}
)


@dataclass(frozen=True)
class LogRecord:
    """One line; each is an envelope of its own."""

    time: Annotated[datetime, "when it was written"]
    level: Annotated[str, "such as INFO or ERROR; empty for plain text"]
    message: Annotated[str, "what was said"]
    fields: Annotated[Mapping[str, Any], "whatever else the line carries"]
    platform: Annotated[bool, "whether it is one of Lambda's own lines"]


def record(line: LogLine) -> LogRecord:
    """Return ``line`` as it goes into JSON."""
    return LogRecord(line.time, line.level, line.message, line.fields, line.platform)


def _text(line: LogLine, paper: Paper) -> Iterator[Text]:
    """Yield time (UTC), level, message and fields; a stack trace goes below, a line a frame."""
    style = "dim" if line.platform else ""
    shown = Text.assemble((f"{line.time:%Y-%m-%d %H:%M:%S}Z ", "dim"))
    shown.append(f"{printable(line.level):<5} ", STYLES.get(line.level, ""))
    shown.append(printable(line.message), style)
    for name, value in line.fields.items():
        if name not in _PLUMBING and not _said(line, name, value):
            shown.append(f" {printable(name)}=", "dim").append(_value(value), style)
    yield from wrapped(shown, paper.width, _INDENT)
    for frame in _frames(line.fields):
        code = Text(f"{_INDENT}{printable(str(frame).rstrip())}", "red")
        yield from wrapped(code, paper.width, _INDENT * 2)


def _said(line: LogLine, name: str, value: object) -> bool:
    """Say whether the message has the field: the key, as a rule; of an error, Lambda's record."""
    return (name == "key" and str(value) in line.message) or (name == "record" and line.is_error)


def _value(value: object) -> str:
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _frames(fields: Mapping[str, Any]) -> Iterable[object]:
    """Return the lines of the stack trace; a frame is a text of two: where, and the code."""
    trace = fields.get(TRACE)
    if not isinstance(trace, list):
        return []
    return [part for frame in trace for part in str(frame).splitlines()]


VIEW: Final = View(record, _text)
