"""Running the function by hand."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.event import Kind, ObjectEvent, object_events
from imgpipe.errors import ExitCode, NotSetUpError, PartialError, ServiceError, UsageError
from imgpipe.function import invoke
from imgpipe.function.invoke import Invocation

if TYPE_CHECKING:
    from pathlib import Path

    from imgpipe.aws.account import Aws
    from tests.support.account import Faults, Sent

FUNCTION: Final = "ImageProcessingFunction"


def answer(faults: Faults, payload: bytes, log: str = "", **more: str) -> None:
    """Let Lambda answer so."""
    faults.answer(
        "Invoke",
        {
            "StatusCode": 200,
            "Payload": io.BytesIO(payload),
            "LogResult": base64.b64encode(log.encode()).decode(),
            **more,
        },
    )


def test_the_functions_answer_and_log_come_back(aws: Aws, faults: Faults, sent: Sent) -> None:
    """The event goes out as JSON, and the log's tail is asked for."""
    answer(
        faults,
        b'{"processed": ["a.jpg"]}',
        'START RequestId: 1 Version: 2\n{"level": "INFO", "message": "one\u2028line"}\n',
    )
    done = invoke.invoke(aws, FUNCTION, "live", {"a": "ü"})
    (call,) = sent.of("Invoke")
    assert json.loads(call["Payload"]) == {"a": "ü"}
    assert (call["LogType"], call["Qualifier"]) == ("Tail", "live")
    assert done.result == {"processed": ["a.jpg"]}
    assert not done.failed
    assert [(line.level, line.message, line.platform) for line in done.log] == [
        ("", "START RequestId: 1 Version: 2", True),
        ("INFO", "one\u2028line", False),
    ]
    invoke.raise_for_failures(done)


def test_a_function_that_raised_is_a_failure_with_its_reason(aws: Aws, faults: Faults) -> None:
    """Lambda answers 200 all the same."""
    answer(
        faults,
        b'{"errorType": "ValueError", "errorMessage": "no Records", "stackTrace": []}',
        FunctionError="Unhandled",
    )
    done = invoke.invoke(aws, FUNCTION, "live", {})
    with pytest.raises(ServiceError, match="ValueError: no Records") as error:
        invoke.raise_for_failures(done)
    assert error.value.exit_code == ExitCode.FAILURE


@pytest.mark.parametrize(
    "result", [None, "cut off", {"errorMessage": "Task timed out after 3.00 seconds"}]
)
def test_a_failure_may_have_any_shape(result: Any) -> None:
    """A timeout has no type; a runtime that crashed may say nothing."""
    with pytest.raises(ServiceError, match=r"timed out|no reason given"):
        invoke.raise_for_failures(Invocation(result, failed=True, log=(), seconds=3))


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"processed": ["processed-a.jpg"], "rejected": ["b.jpg: damaged"]}, "b.jpg: damaged"),
        ({"processed": [], "rejected": [], "missing": ["c.jpg", "d.jpg"]}, "c.jpg, d.jpg"),
    ],
)
def test_a_picture_that_was_not_processed_is_a_partial_success(
    told: dict[str, list[str]], says: str
) -> None:
    """A script that runs the function on a picture asks whether there is a result."""
    with pytest.raises(PartialError, match=says) as error:
        invoke.raise_for_failures(Invocation(told, failed=False, log=(), seconds=1))
    assert error.value.exit_code == ExitCode.PARTIAL


@pytest.mark.parametrize(
    ("payload", "expected"), [(b"", None), (b"null", None), (b"not json \xff", "not json \ufffd")]
)
def test_any_answer_is_a_result(aws: Aws, faults: Faults, payload: bytes, expected: object) -> None:
    """Nothing at all, or no JSON."""
    answer(faults, payload)
    assert invoke.invoke(aws, FUNCTION, "live", {}).result == expected


def test_a_missing_function_says_what_to_do(aws: Aws) -> None:
    """There is no pipeline yet."""
    with pytest.raises(NotSetUpError) as error:
        invoke.invoke(aws, FUNCTION, "live", {})
    assert "setup" in error.value.next


def test_an_event_file_may_hold_any_json(tmp_path: Path) -> None:
    """The guide's test event, or one that no pipeline knows."""
    path = tmp_path / "event.json"
    path.write_text(
        '{"Records": [{"s3": {"bucket": {"name": "raw"}, "object": {"key": "größe.jpg"}}}]}',
        encoding="utf-8",
    )
    assert list(object_events(invoke.read_event(path))) == [
        ObjectEvent(Kind.CREATED, "raw", "größe.jpg")
    ]


@pytest.mark.parametrize("text", [b"", b"{", b"{'a': 1}", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, text: bytes) -> None:
    """With the place of the fault."""
    path = tmp_path / "event.json"
    path.write_bytes(text)
    with pytest.raises(UsageError, match=r"event\.json is not JSON"):
        invoke.read_event(path)


def test_a_missing_event_file_is_named(tmp_path: Path) -> None:
    """Before anything is invoked."""
    with pytest.raises(UsageError, match=r"gone\.json cannot be read"):
        invoke.read_event(tmp_path / "gone.json")
