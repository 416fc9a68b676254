"""One picture's invocations, out of the lines of many."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from imgpipe.function.invocations import Invocation, Span, merged, of_picture
from imgpipe.function.lines import line
from imgpipe.function.reports import Report, of_line
from tests.support.story import KEY, METRICS, PUT, REQUEST, attempt, event, report, said, start

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults, Sent

GROUP: Final = "/aws/lambda/f"
HOUR: Final = timedelta(hours=1)
SPANS: Final = [Span(PUT, PUT + HOUR)]


def found(aws: Aws, faults: Faults, *events: dict[str, Any], key: str = KEY) -> list[Invocation]:
    """What is found where CloudWatch has these lines, whatever it is asked for."""
    faults.answer("FilterLogEvents", {"events": list(events)}, times=9)
    return of_picture(aws, GROUP, key, SPANS)


def test_the_tries_of_one_event_are_told_apart(aws: Aws, faults: Faults) -> None:
    """They share the request's id; each has its lines, its report, its error."""
    first = (start(1), said(f"begin {KEY}", 1), said(f"failed {KEY}", 2, "ERROR", error="E: no"))
    second = (start(60), said(f"begin {KEY}", 61), said(f"processed {KEY}", 62), report(63))
    one, two = found(aws, faults, *first, report(3, status="error"), *second)
    assert (one.error, one.ended_well) == ("E: no", False)
    assert (two.error, two.ended_well) == ("", True)
    assert two.began == PUT + timedelta(seconds=60)
    assert [each.message for each in two.said] == [f"begin {KEY}", f"processed {KEY}"]


def test_what_is_about_other_pictures_is_left_out(aws: Aws, faults: Faults) -> None:
    """One event may tell of several; another picture's error is not this one's."""
    other = (said("begin other.jpg", 3), said("failed other.jpg", 4, "ERROR", error="E: no"))
    (one,) = found(
        aws, faults, start(), said(f"begin {KEY}", 2), said("done", 2), *other, report(5)
    )
    assert [each.message for each in one.said] == [f"begin {KEY}", "done"]
    assert one.error == ""


def test_a_key_that_only_begins_the_same_is_another(aws: Aws, faults: Faults) -> None:
    """A filter of CloudWatch's finds both."""
    assert found(aws, faults, start(), said(f"begin {KEY}.jpg"), report()) == []


def test_a_cut_off_try_has_lambdas_error(aws: Aws, faults: Faults) -> None:
    """The function itself could say nothing."""
    metrics = {**METRICS, "durationMs": 60_000}
    (one,) = found(
        aws, faults, start(), said(f"begin {KEY}"), report(61, status="timeout", metrics=metrics)
    )
    assert one.error == "Task timed out after 60.00 seconds"


@pytest.mark.parametrize(
    ("key", "pattern"),
    [("a/b c.jpg", '"begin a/b c.jpg"'), ('a"b.jpg', "begin"), ("größe.jpg", "begin")],
)
def test_only_harmless_keys_go_into_the_pattern(
    aws: Aws, sent: Sent, faults: Faults, key: str, pattern: str
) -> None:
    """Of the others every begin is read, and compared here."""
    found(aws, faults, start(), said(f"begin {key}"), key=key)
    assert sent.of("FilterLogEvents")[0]["filterPattern"] == pattern
    assert {each["filterPattern"] for each in sent.of("FilterLogEvents")[1:]} == {f'"{REQUEST}"'}


def test_a_function_that_never_ran_has_none(aws: Aws) -> None:
    """There is no log group."""
    assert of_picture(aws, GROUP, KEY, SPANS) == []


def test_spans_that_touch_are_read_once() -> None:
    """However they come."""
    one, two = Span(PUT, PUT + HOUR), Span(PUT + HOUR, PUT + 2 * HOUR)
    apart = Span(PUT + 3 * HOUR, PUT + 4 * HOUR)
    assert merged([apart, two, one]) == [Span(PUT, PUT + 2 * HOUR), apart]


TEXT: Final = "\t".join(
    (
        f"REPORT RequestId: {REQUEST}",
        "Duration: 894.20 ms",
        "Billed Duration: 895 ms",
        "Memory Size: 448 MB",
        "Max Memory Used: 171 MB",
        "Init Duration: 312.40 ms",
    )
)


@pytest.mark.parametrize("told", [report(), event(TEXT)])
def test_a_report_is_read_in_either_form(told: dict[str, Any]) -> None:
    """JSON's and text's say the same."""
    assert of_line(line(told)) == Report(894.2, 171, 448, cold=True, init_ms=312.4)


def test_without_lambdas_report_the_functions_own_figures_are_told(
    aws: Aws, faults: Faults
) -> None:
    """Lambda reports failures alone at the level at which our function logs."""
    begin = said(f"begin {KEY}", 1, cold_start=True)
    done = said(f"processed {KEY}", 2, duration=103, memory_used=171)
    (one,) = found(aws, faults, begin, done)
    assert one.report == Report(103, 171, 0, cold=True, init_ms=0)
    assert one.ended_well
    running = attempt(begin)
    assert (running.report, running.ended_well) == (None, False)


@pytest.mark.parametrize(
    "told",
    [
        "REPORT of nothing",
        said("REPORT RequestId: x"),
        {"type": "platform.report", "record": None},
        {"type": "platform.initReport", "record": {"metrics": {"durationMs": 1}}},
    ],
)
def test_what_is_no_report_is_none(told: Any) -> None:
    """Whatever else stands in a log."""
    whole = told if isinstance(told, dict) and "timestamp" in told else event(told)
    assert of_line(line(whole)) is None
