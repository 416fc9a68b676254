"""What invoke shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from imgpipe.function.invoke import Invocation
from imgpipe.function.lines import LogLine
from imgpipe.render import invoke
from imgpipe.render._paper import Paper
from tests.support.shown import data, shown

DONE: Final = LogLine(datetime(2026, 7, 1, 10, 0, 5, tzinfo=UTC), "INFO", "done")


def said(done: Invocation) -> str:
    """What is said beside the result."""
    return "\n".join(str(line) for line in invoke.log(done, Paper()))


def test_an_invocations_result_is_data_and_its_log_is_not() -> None:
    """So that the result can be piped."""
    done = Invocation({"processed": ["a"]}, failed=False, log=(DONE,), seconds=0.25)
    assert json.loads(shown(invoke.VIEW, done)) == {"processed": ["a"]}
    assert "INFO  done" in said(done)
    assert "Returned after 0.25 s" in said(done)


def test_a_failed_invocation_says_so() -> None:
    """Lambda's description of it is the result."""
    done = Invocation({"errorType": "X"}, failed=True, log=(), seconds=1)
    assert "Failed after" in said(done)
    assert json.loads(shown(invoke.VIEW, done)) == {"errorType": "X"}


def test_an_invocation_as_json_is_one_value() -> None:
    """Result, log and time together."""
    done = data(invoke.VIEW, Invocation("x", failed=False, log=(DONE,), seconds=1))
    assert (done["result"], done["failed"], done["log"][0]["message"]) == ("x", False, "done")
