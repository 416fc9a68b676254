"""What an invocation took: how long, how much memory, and whether it began cold.

Lambda reports it, in JSON or plain text as the function's log format says:
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html. At the level
at which our function logs that is done of failures alone, so the function says it itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from handler.schema import COLD_START

if TYPE_CHECKING:
    from imgpipe.function.lines import LogLine

_TEXT: Final = "REPORT RequestId: "
_FIGURE: Final = re.compile(r"(?:^|\t)([A-Z][\w ]+): ([\d.]+) ")
_NAMES: Final = {
    "Duration": "durationMs",
    "Memory Size": "memorySizeMB",
    "Max Memory Used": "maxMemoryUsedMB",
    "Init Duration": "initDurationMs",
}


@dataclass(frozen=True)
class Report:
    """Milliseconds and MB; 0 = not told.

    ``cold`` says that the environment was new, ``None`` = not told; ``init_ms`` how long that took.
    """

    duration_ms: float
    memory_used: int
    memory: int
    cold: bool | None
    init_ms: float


def of_line(line: LogLine) -> Report | None:
    """Return the report that ``line`` is; ``None`` if it is none."""
    if not line.platform:
        return None
    record = line.fields.get("record")
    if isinstance(record, Mapping) and "requestId" in record and "metrics" in record:
        return _report(record["metrics"])
    if line.message.startswith(_TEXT):
        figures = _FIGURE.findall(f"{line.message} ")
        return _report({_NAMES.get(name, name): float(value) for name, value in figures})
    return None


def of_said(lines: Iterable[LogLine]) -> Report | None:
    """Return what the function itself says at the end of a picture; ``None`` if it does not."""
    fields: dict[str, Any] = {}
    for line in lines:
        fields |= line.fields
    if "duration" not in fields:
        return None
    return Report(
        duration_ms=_number(fields["duration"]),
        memory_used=round(_number(fields.get("memory_used"))),
        memory=0,
        cold=bool(fields.get(COLD_START)) if "memory_used" in fields else None,
        init_ms=0.0,
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _report(metrics: Any) -> Report:
    told = metrics if isinstance(metrics, Mapping) else {}
    figures = {
        name: float(value)
        for name in _NAMES.values()
        if isinstance(value := told.get(name), (int, float))
    }
    return Report(
        duration_ms=figures.get("durationMs", 0.0),
        memory_used=round(figures.get("maxMemoryUsedMB", 0)),
        memory=round(figures.get("memorySizeMB", 0)),
        cold="initDurationMs" in figures,
        init_ms=figures.get("initDurationMs", 0.0),
    )
