"""Something asked while other things go on."""

from __future__ import annotations

import threading

import pytest
from botocore.exceptions import ClientError

from imgpipe.aws.meanwhile import Meanwhile
from imgpipe.errors import NotSettledError, ServiceError


def test_it_is_asked_at_once_and_answered_later() -> None:
    """Whoever wants the answer has it, as often as it is wanted."""
    asked = threading.Event()

    def answer() -> str:
        asked.set()
        return "answer"

    meanwhile = Meanwhile("AWS", answer)
    assert asked.wait(10)
    assert [meanwhile.answer(10), meanwhile.answer(10)] == ["answer", "answer"]


def test_nobody_waits_for_longer_than_was_said() -> None:
    """Nor does the end of the process: the thread is none that Python waits for."""
    never = threading.Event()
    meanwhile = Meanwhile("CloudFront", never.wait)
    with pytest.raises(NotSettledError, match="CloudFront did not answer within 0 s"):
        meanwhile.answer(0)
    (thread,) = [each for each in threading.enumerate() if each.name == "CloudFront"]
    assert thread.daemon
    never.set()
    assert meanwhile.answer(10) is True


def test_a_refusal_is_an_error_of_ours() -> None:
    """Raised where the answer is asked for."""

    def refused() -> str:
        answer = {"Error": {"Code": "AccessDenied", "Message": "not you"}}
        raise ClientError(answer, "ListDistributions")

    with pytest.raises(ServiceError, match="ListDistributions was denied: not you"):
        Meanwhile("CloudFront", refused).answer(10)
