"""What Lambda says of invocations that ended badly, in every form in which it says it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from imgpipe.function.lines import line

ID: Final = "aec7a529-47f9-4090-be01-c9ed91bf83cf"
WHEN: Final = datetime(2026, 7, 1, tzinfo=UTC)


def report(kind: str = "platform.report", **record: Any) -> dict[str, Any]:
    """An event of CloudWatch's with a record of Lambda's."""
    said = {"time": WHEN.isoformat(), "type": kind, "record": {"requestId": ID, **record}}
    return {"timestamp": int(WHEN.timestamp() * 1000), "message": json.dumps(said)}


METRICS: Final = {"durationMs": 5000.0, "memorySizeMB": 448, "maxMemoryUsedMB": 94}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (report(status="timeout", metrics=METRICS), "Task timed out after 5.00 seconds"),
        (
            report(
                status="error",
                errorType="Runtime.ExitError",
                metrics={**METRICS, "maxMemoryUsedMB": 448},
            ),
            "Runtime.ExitError: out of memory, 448 of 448 MB used",
        ),
        (
            report(status="error", errorType="Runtime.ExitError", metrics=METRICS),
            "Runtime.ExitError",
        ),
        (report(status="failure", metrics=METRICS), "the runtime ended"),
        (report(status="failure"), "the runtime ended"),
        (report(status="timeout", metrics="none"), "Task timed out after 0.00 seconds"),
        (
            report("platform.initReport", status="error", errorType="Runtime.ImportModuleError"),
            "the function did not start: Runtime.ImportModuleError",
        ),
        (report("platform.initReport", status="timeout"), "the function did not start: timeout"),
    ],
)
def test_an_end_by_force_is_an_error(event: dict[str, Any], expected: str) -> None:
    """In the words of Lambda's own lines of text, and Lambda's line all the same."""
    told = line(event)
    assert (told.level, told.message, told.platform) == ("ERROR", expected, True)


@pytest.mark.parametrize(
    "event",
    [
        report(status="success", metrics=METRICS),
        report(metrics=METRICS),
        report(status="error", errorType="ClientError"),
        report("platform.start"),
        report("platform.runtimeDone", status="timeout"),
        report("platform.initReport", status="success"),
        {"timestamp": 0, "message": '{"type": "platform.report", "record": null}'},
        {"timestamp": 0, "message": '{"type": "platform.report", "record": "timeout"}'},
    ],
)
def test_what_is_no_fault_or_said_elsewhere_is_no_error(event: dict[str, Any]) -> None:
    """What the function raised has a line of its own, and a report repeats runtimeDone."""
    assert not line(event).is_error


@pytest.mark.parametrize(
    "text",
    [
        "Task timed out after 5.00 seconds",
        f"2026-07-09T06:05:50.562Z {ID} Task timed out after 5.00 seconds\n\n",
        f"RequestId: {ID} Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
    ],
)
def test_a_text_of_lambdas_is_an_error(text: str) -> None:
    """As it stands where the log is plain text."""
    told = line({"timestamp": 0, "message": text})
    assert told.is_error
    assert ID not in told.message
