"""What Lambda says in place of a result, in a line, and what helps."""

from __future__ import annotations

from typing import Any, Final

import pytest

from imgpipe.function.answer import NEVER_RAN, NO_REASON, hint_for, reason_of

ID: Final = "aec7a529-47f9-4090-be01-c9ed91bf83cf"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"errorMessage": f"2026-07-09T06:05:50.562Z {ID} Task timed out after 5.00 seconds"},
            "Task timed out after 5.00 seconds",
        ),
        (
            {
                "errorType": "Sandbox.Timedout",
                "errorMessage": f"RequestId: {ID} Error: Task timed out after 5.00 seconds",
            },
            "Sandbox.Timedout: Task timed out after 5.00 seconds",
        ),
        (
            {
                "errorType": "Runtime.ExitError",
                "errorMessage": f"RequestId: {ID} Error: Runtime exited with error: signal: killed",
            },
            "Runtime.ExitError: Runtime exited with error: signal: killed",
        ),
        (
            {"errorMessage": f"RequestId: {ID} Process exited before completing request"},
            "Process exited before completing request",
        ),
        (
            {
                "errorType": "Runtime.ImportModuleError",
                "errorMessage": "Unable to import module 'handler': No module named 'PIL'",
                "requestId": ID,
                "stackTrace": [],
            },
            "Runtime.ImportModuleError: Unable to import module 'handler': No module named 'PIL'",
        ),
        ({"errorType": "ClientError", "errorMessage": "a\nb"}, "ClientError: a b"),
        ({"errorType": "Runtime.OutOfMemory"}, "Runtime.OutOfMemory"),
        ({"errorMessage": None}, NO_REASON),
        ({}, NO_REASON),
        (None, NO_REASON),
        ("cut off", NO_REASON),
        (["x"], NO_REASON),
    ],
)
def test_a_payload_is_told_in_a_line(payload: Any, expected: str) -> None:
    """Without the request id, which every occurrence has another of."""
    assert reason_of(payload) == expected


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        ("Sandbox.Timedout: Task timed out after 60.00 seconds", "time"),
        ("Runtime.ExitError: Runtime exited with error: signal: killed", "memory"),
        ("Runtime.ExitError: out of memory, 448 of 448 MB used", "memory"),
        ("MemoryError", "memory"),
        ("ClientError: An error occurred (AccessDenied) when calling the GetObject", "permission"),
        ("Runtime.ImportModuleError: No module named 'PIL'", "layer"),
        (NEVER_RAN, "quota"),
    ],
)
def test_each_kind_of_fault_has_what_helps(said: str, helps: str) -> None:
    """What nobody knows may pass by itself: of that nothing is said."""
    assert helps in hint_for(said)
    assert hint_for("ClientError: An error occurred (SlowDown) when calling the PutObject") == ""
