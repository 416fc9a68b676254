"""What logs shows: one line each, coloured by level where a terminal watches."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from imgpipe.render._screen import command, data, narration
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imgpipe.errors import ImgpipeError
    from imgpipe.function.logs import LogLine
    from imgpipe.settings import Settings

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
# Told by the message already, or of use to machines alone; JSON has them.
_PLUMBING: Final = frozenset(
    {
        TRACE,
        "requestId",
        "status",
        "source_key",
        "source_etag",
        "source_modified",
        "upload_id",
    }
)


def lines(found: Iterable[LogLine], settings: Settings) -> None:
    """Print each line as it comes: as JSON, one object a line, or as text."""
    console, count = data(), 0
    for count, line in enumerate(found, start=1):
        if settings.output == "json":
            print(json.dumps(_record(line), ensure_ascii=False, default=str))
        else:
            console.print(text(line), soft_wrap=True)
        sys.stdout.flush()
    if not count:
        narration(quiet=settings.quiet).print(
            "No log lines in that time. Look further back with --since 1d; --all shows Lambda's own lines, too."
        )


def none_yet(error: ImgpipeError, settings: Settings) -> None:
    """Say that there is no log group yet, and how there will be one."""
    narration(quiet=settings.quiet).print(
        Text(f"{error.message[:1].upper()}{error.message[1:]}.\nNext: {command('setup', settings)}")
    )


def text(line: LogLine) -> Text:
    """Return time (UTC), level, message and fields; a stack trace goes below, a line a frame."""
    style = "dim" if line.platform else ""
    shown = Text(f"{line.time:%Y-%m-%d %H:%M:%S}Z ", "dim")
    shown.append(f"{printable(line.level):<5} ", STYLES.get(line.level, ""))
    shown.append(printable(line.message), style)
    for name, value in line.fields.items():
        if name not in _PLUMBING:
            shown.append(f" {printable(name)}=", "dim").append(_value(value), style)
    for frame in _frames(line.fields):
        shown.append(f"\n    {printable(str(frame).rstrip())}", "red")
    return shown


def _value(value: object) -> str:
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _frames(fields: Mapping[str, Any]) -> Iterable[object]:
    """A frame is a text of two lines: where, and the code."""
    trace = fields.get(TRACE)
    return (
        [part for frame in trace for part in str(frame).splitlines()]
        if isinstance(trace, list)
        else []
    )


def _record(line: LogLine) -> dict[str, Any]:
    return {**vars(line), "time": line.time.isoformat(timespec="milliseconds")}
