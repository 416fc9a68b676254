"""What Lambda's own log lines say of an invocation that ended badly.

Code that is cut off, runs out of memory or does not even start says nothing; Lambda does:
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

# Types of Lambda's own making, which say less than the message behind them.
_LAMBDAS_OWN: Final = ("Runtime.", "Sandbox.", "Extension.", "Function.", "Lambda.")
_REPORTS: Final = frozenset({"platform.report", "platform.initReport"})
_CUT_OFF: Final = frozenset({"timeout", "failure"})
# What stands in a line of plain text where an invocation was cut off.
_LINE: Final = re.compile(r"Task timed out after [\d.]+ seconds|Runtime exited with error: .+")


def of_report(kind: str, record: object) -> str:
    """Return what went wrong by the ``record`` of a ``platform.`` line; empty if nothing did.

    What the function raised is left to the function, which has said it in a line of its own.
    """
    if kind not in _REPORTS or not isinstance(record, Mapping):
        return ""
    status, error = str(record.get("status", "")), str(record.get("errorType", ""))
    if status not in _CUT_OFF and not error.startswith(_LAMBDAS_OWN):
        return ""
    if kind == "platform.initReport":
        return f"the function did not start: {error or status}"
    if status == "timeout":
        return f"Task timed out after {_metric(record, 'durationMs') / 1000:.2f} seconds"
    used, had = _metric(record, "maxMemoryUsedMB"), _metric(record, "memorySizeMB")
    memory = f": out of memory, {used:.0f} of {had:.0f} MB used" if had and used >= had else ""
    return f"{error or 'the runtime ended'}{memory}"


def of_text(line: str) -> str:
    """Return what went wrong by a line of plain text; empty if it tells of nothing wrong."""
    found = _LINE.search(line)
    return found.group() if found else ""


def _metric(record: Mapping[str, Any], name: str) -> float:
    metrics = record.get("metrics")
    value = metrics.get(name) if isinstance(metrics, Mapping) else None
    return float(value) if isinstance(value, (int, float)) else 0.0
