"""Whether the function starts: what is asked of it, and what each answer means."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.event import object_events
from imgpipe.function.start import start

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Faults, Sent

FUNCTION: Final = "ImageProcessingFunction"


def returns(faults: Faults, payload: bytes, **more: str) -> None:
    """Let Lambda answer so."""
    answer = {"StatusCode": 200, "Payload": io.BytesIO(payload), "ExecutedVersion": "3"}
    faults.answer("Invoke", {**answer, **more})


def test_one_invocation_of_the_alias_that_asks_for_nothing(
    aws: Aws, faults: Faults, calls: Calls, sent: Sent
) -> None:
    """The event tells of no object, so the function has nothing to read, write or raise."""
    returns(faults, b'{"processed": [], "rejected": [], "missing": []}')
    done = start(aws, FUNCTION, "live")
    assert done is not None
    assert (done.starts, done.version, done.error) == (True, "3", None)
    assert calls == ["Invoke"]
    (call,) = sent.of("Invoke")
    assert (call["FunctionName"], call["Qualifier"]) == (FUNCTION, "live")
    assert list(object_events(json.loads(call["Payload"]))) == []


@pytest.mark.parametrize(
    ("told", "words", "hint"),
    [
        (
            {
                "errorType": "Runtime.ImportModuleError",
                "errorMessage": "Unable to import module 'handler.lambda_function': "
                "cannot import name '_imaging' from 'PIL'",
            },
            "cannot import name '_imaging'",
            "'runtime' in imgpipe.toml",
        ),
        (
            {
                "errorType": "Runtime.ImportModuleError",
                "errorMessage": "Unable to import module 'handler.lambda_function': "
                "No module named 'PIL'",
            },
            "No module named 'PIL'",
            "no layer with Pillow",
        ),
        (
            {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 3.00 seconds"},
            "Task timed out",
            "more memory or time",
        ),
        ({"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}, "ExitError", ""),
        (None, "no reason given", ""),
    ],
)
def test_a_function_that_fails_says_why_and_what_helps(
    aws: Aws, faults: Faults, told: Any, words: str, hint: str
) -> None:
    """Lambda answers 200 all the same."""
    returns(faults, json.dumps(told).encode(), FunctionError="Unhandled")
    done = start(aws, FUNCTION, "live")
    assert done is not None
    assert done.error is not None
    assert (done.starts, done.version) == (False, "3")
    assert words in done.error.message
    assert hint in done.error.hint
    assert done.error.next[-1] == "logs --since 10m"


REFUSALS = [
    ("KMSAccessDeniedException", False, "cannot start", ("setup",)),
    ("KMSDisabledException", False, "key", ("setup",)),
    ("InvalidZipFileException", False, "Lambda's words", ()),
    ("AccessDeniedException", None, "was denied", ()),
    ("TooManyRequestsException", None, "Lambda's words", ()),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal[0])
def test_a_refusal_is_told_in_words(
    aws: Aws, faults: Faults, clock: Clock, refusal: tuple[str, bool | None, str, tuple[str, ...]]
) -> None:
    """At once: a look does not wait. Who may not invoke, or is throttled, has learnt nothing."""
    code, starts, words, commands = refusal
    faults.fail("Invoke", code, "Lambda's words", status=400)
    done = start(aws, FUNCTION, "live")
    assert done is not None
    assert done.error is not None
    assert (done.starts, done.error.next) == (starts, commands)
    assert words in done.error.message
    assert clock() == 0


def test_what_is_not_there_is_nothing(aws: Aws, faults: Faults) -> None:
    """No function, no alias: nothing that could fail to start."""
    faults.fail("Invoke", "ResourceNotFoundException", "Function not found", status=404)
    assert start(aws, FUNCTION, "live") is None
