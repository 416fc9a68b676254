"""What is counted from the function's log lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.schema import SELF_TEST_KEY
from imgpipe.function import logs
from imgpipe.function.lines import LogLine, line
from imgpipe.function.metrics import Figures, metrics, percentile, step_of
from imgpipe.render._paper import Paper
from imgpipe.render.metrics import VIEW, bars, remarks
from tests.support.shown import data, lines

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

pytestmark = pytest.mark.slow

NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def said(minute: float, message: str, level: str = "INFO", **facts: Any) -> LogLine:
    """A line of the function's, as CloudWatch gives it back."""
    told = {"level": level, "message": message, "requestId": "1", **facts}
    when = int((NOON + minute * timedelta(minutes=1)).timestamp() * 1000)
    return line({"timestamp": when, "message": json.dumps(told)})


def total(*rows: LogLine) -> Figures:
    """What ``rows`` come to within the hour."""
    return metrics(rows, NOON, NOON + HOUR).total


def test_a_picture_of_many_renditions_is_one() -> None:
    """It took as long as its slowest, and saves what its largest is smaller by."""
    rows = [
        said(1, "processed a b.jpg", duration=took, source_size=1000, size=size)
        for took, size in ((80, 300), (120, 100))
    ]
    assert total(*rows) == Figures(1, 0, 0, 0, 120, 120, 700)
    again = said(2, "processed a b.jpg", duration=10, source_size=1000, size=9, requestId="2")
    assert total(*rows, again).pictures == 2


def test_rejected_pictures_save_nothing() -> None:
    """They took time, and are none that was processed."""
    row = said(1, "rejected a.jpg", "WARN", duration=30, source_size=5000, reason="no picture")
    assert total(row) == Figures(0, 1, 0, 0, 30, 30, 0)


def test_a_failure_that_is_told_twice_is_one() -> None:
    """By the function, by Lambda's runtime and by its report; each try is one of its own."""
    failed = said(1, "failed a.jpg", "ERROR", key="a.jpg")
    raised = said(1, "", errorType="KeyError", errorMessage="x", level="ERROR")
    report = {"requestId": "1", "status": "timeout", "metrics": {"durationMs": 60000.0}}
    told = {"type": "platform.report", "record": report}
    ended = line({"timestamp": NOON.timestamp() * 1000 + 5, "message": json.dumps(told)})
    retried = said(3, "failed a.jpg", "ERROR", requestId="2")
    assert ended.is_error
    assert total(failed, raised, ended).errors == 1
    assert total(failed, raised, ended, retried).errors == 2


def test_cold_starts_are_what_the_first_line_says() -> None:
    """The warm ones say nothing of it."""
    assert total(said(1, "begin a.jpg", cold_start=True), said(2, "begin b.jpg")).cold_starts == 1


@pytest.mark.parametrize(
    "other",
    [
        said(1, f"processed {SELF_TEST_KEY}", duration=5, size=5),
        said(1, f"begin {SELF_TEST_KEY}", cold_start=True),
        said(-1, "processed early.jpg", duration=5),
        said(60, "processed late.jpg", duration=5),
        said(1, "processed"[:-1]),
        LogLine(NOON, "", "START RequestId: 1", platform=True),
        LogLine(NOON, "", ""),
    ],
)
def test_what_is_no_picture_of_that_time_is_not_counted(other: LogLine) -> None:
    """The self-test, other times, Lambda's own lines, anything at all."""
    assert total(other) == Figures(0, 0, 0, 0, None, None, 0)


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.text() | st.integers()))
def test_no_line_is_too_strange(facts: dict[str, Any]) -> None:
    """The log group may hold what others wrote."""
    message = {"level": "INFO", "message": "processed x", **facts}
    assert total(line({"timestamp": NOON.timestamp() * 1000, "message": json.dumps(message)}))


@given(
    st.lists(st.tuples(st.integers(0, 59), st.sampled_from(["processed", "rejected"])), max_size=60)
)
def test_the_steps_add_up_to_the_whole(found: list[tuple[int, str]]) -> None:
    """Whenever things happened."""
    rows = [said(at, f"{word} {n}.jpg") for n, (at, word) in enumerate(found)]
    told = metrics(rows, NOON, NOON + HOUR)
    for name in ("pictures", "rejected"):
        assert sum(getattr(each, name) for _, each in told.steps) == getattr(told.total, name)
    assert told.total.pictures + told.total.rejected == len(found)


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=4000)))
def test_a_span_has_few_steps(span: timedelta) -> None:
    """They fit on a terminal of 80 columns, and cover the span."""
    assert span / step_of(span) <= 48
    steps = metrics([], NOON - span, NOON).steps
    assert len(steps) <= 49
    assert steps[0][0] <= NOON - span
    assert steps[-1][0] < NOON <= steps[-1][0] + step_of(span)
    assert max(map(len, lines(VIEW, metrics([], NOON - span, NOON), 80))) <= 80


@given(st.lists(st.floats(0, 1e9), min_size=1))
def test_percentiles_are_values_that_were_measured(values: list[float]) -> None:
    """The nearest rank: half, and 95 of 100, do not pass it."""
    ordered = sorted(values)
    for percent in (50, 95):
        found = percentile(ordered, percent)
        assert found in ordered
        assert sum(value <= found for value in ordered) >= percent / 100 * len(ordered)


def test_bars_are_as_high_as_their_values() -> None:
    """The greatest fills its place, what is there shows, and nothing is a blank."""
    assert bars([0, None, 1, 4, 8]) == "  ▂▅█"
    assert bars([0, 1, 10_000]) == " ▁█"
    assert bars([None, 0, -5]) == "   "
    assert bars([]) == ""


def test_a_pipe_gets_the_steps_in_which_something_happened() -> None:
    """And is told how many others there were; a script's JSON has them all."""
    rows = [said(5, "processed a.jpg"), said(40, "rejected b.jpg"), said(41, "begin b.jpg")]
    found = metrics(rows, NOON, NOON + HOUR)
    steps = len(found.steps)
    header, *shown, total = lines(VIEW, found)
    assert [row.split()[2] for row in shown] == ["1", "0"]
    assert total.startswith("in all")
    assert header.startswith("TIME")
    (said_of_it,) = remarks(found, Paper())
    assert f"{steps - 2} of {steps} steps" in said_of_it
    assert list(remarks(found, Paper(80))) == []
    assert len(data(VIEW, found)["steps"]) == steps
    (nothing,) = remarks(metrics([], NOON, NOON + HOUR), Paper())
    assert "Look further back" in nothing


def test_lines_come_from_the_log_group(aws: Aws) -> None:
    """All of them, without a look at whose an error is."""
    client, group = aws.client("logs"), "/aws/lambda/f"
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="s")
    now = datetime.now(UTC)
    told = json.dumps({"level": "INFO", "message": "processed a.jpg", "duration": 7})
    event = {"timestamp": int(now.timestamp() * 1000) - 1000, "message": told}
    client.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
    found = logs.plain(aws, group, now - HOUR)
    assert metrics(found, now - HOUR, now).total.pictures == 1
