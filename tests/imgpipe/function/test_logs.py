"""The function's log lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pytest

from imgpipe.errors import NotSetUpError
from imgpipe.function import logs
from imgpipe.function.lines import LogLine, line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgpipe.aws.account import Aws
    from tests.support.account import Faults, Sent

GROUP: Final = "/aws/lambda/ImageProcessingFunction"
NOW: Final = datetime.now(UTC).replace(microsecond=0)
HOUR: Final = timedelta(hours=1)


def event(message: str, identity: str = "", ago: float = 0) -> dict[str, Any]:
    """An event as CloudWatch returns it."""
    stamp = int((NOW - timedelta(seconds=ago)).timestamp() * 1000)
    return {
        "logStreamName": "stream",
        "timestamp": stamp,
        "message": message,
        **({"eventId": identity} if identity else {}),
    }


class Stream:
    """Stands for CloudWatch Logs: answers each call with the next pages, notes its start time."""

    def __init__(self, *calls: list[list[dict[str, Any]]]) -> None:
        self.calls = list(calls)
        self.starts: list[int] = []

    def client(self, _: str) -> Stream:
        return self

    def get_paginator(self, _: str) -> Stream:
        return self

    def paginate(self, *, startTime: int, **_: Any) -> Iterator[dict[str, Any]]:
        self.starts.append(startTime)
        return ({"events": events} for events in (self.calls.pop(0) if self.calls else []))


class Watched(Stream):
    """The same with what following needs: a nap count, and an end after so many naps."""

    def __init__(self, *calls: list[list[dict[str, Any]]], naps: int) -> None:
        super().__init__(*calls)
        self.naps = naps
        self.interrupted = self

    def is_set(self) -> bool:
        return self.naps == 0

    def sleep(self, _: float) -> None:
        self.naps -= 1


def test_lines_are_read_from_the_group(aws: Aws) -> None:
    """From the given time on, those with the given term."""
    client = aws.client("logs")
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName="s")
    stamp = int(NOW.timestamp() * 1000)
    sent = [
        {"timestamp": stamp - 7_200_000, "message": "old cat"},
        {"timestamp": stamp - 60_000, "message": "new dog"},
        {"timestamp": stamp - 50_000, "message": "new cat"},
    ]
    client.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=sent)
    assert [line.message for line in logs.tail(aws, GROUP, NOW - HOUR)] == ["new dog", "new cat"]
    assert [line.message for line in logs.tail(aws, GROUP, NOW - HOUR, "cat")] == ["new cat"]


@pytest.mark.parametrize("read", [logs.tail, logs.follow])
def test_no_group_yet_says_so(aws: Aws, read: Any) -> None:
    """Nothing was set up, or nothing ran."""
    with pytest.raises(NotSetUpError, match="no invocations so far"):
        list(read(aws, GROUP, NOW))


def test_empty_pages_are_not_the_end() -> None:
    """CloudWatch gives them while it searches on."""
    stream = Stream([[], [], [event("found")], []])
    assert [line.message for line in logs.tail(stream, GROUP, NOW)] == ["found"]  # type: ignore[arg-type]


def test_a_year_before_computers_is_as_far_back_as_it_goes() -> None:
    """CloudWatch knows no times before 1970."""
    stream = Stream([])
    list(logs.tail(stream, GROUP, datetime(1900, 1, 1, tzinfo=UTC)))  # type: ignore[arg-type]
    assert stream.starts == [0]


def test_following_gives_each_line_once() -> None:
    """Windows overlap, because lines arrive late and out of order."""
    first, late, second = (
        event("first", "1", ago=20),
        event("late", "2", ago=25),
        event("second", "3", ago=1),
    )
    stream = Watched([[first]], [[late, first], [second]], [[late, first, second]], naps=3)
    lines = logs.follow(stream, GROUP, NOW - HOUR)  # type: ignore[arg-type]
    assert [line.message for line in lines] == ["first", "late", "second"]


def test_equal_lines_are_told_apart_by_their_number() -> None:
    """The same text at the same moment may well be written twice."""
    stream = Watched([[event("same", "1"), event("same", "2")]], naps=1)
    assert len(list(logs.follow(stream, GROUP, NOW))) == 2  # type: ignore[arg-type]


def test_following_works_where_lines_have_no_number() -> None:
    """The embedded AWS gives none."""
    stream = Watched([[event("a"), event("b")]], [[event("a"), event("b"), event("c")]], naps=2)
    assert [line.message for line in logs.follow(stream, GROUP, NOW)] == ["a", "b", "c"]  # type: ignore[arg-type]


def test_following_looks_back_no_further_than_lines_are_late() -> None:
    """Half a minute behind the newest line; what is remembered stays as small."""
    stream = Watched(
        [[event("old", "1", ago=600), event("new", "2")]], [[event("new", "2")]], naps=2
    )
    list(logs.follow(stream, GROUP, NOW - HOUR))  # type: ignore[arg-type]
    begin, overlapped = (datetime.fromtimestamp(start / 1000, UTC) for start in stream.starts)
    assert begin == NOW - HOUR
    assert overlapped == NOW - logs.LATE_LINES


def test_following_a_silent_group_waits_between_looks() -> None:
    """It never asks again at once."""
    stream = Watched(naps=5)
    assert list(logs.follow(stream, GROUP, NOW)) == []  # type: ignore[arg-type]
    assert len(stream.starts) == 5


def test_following_goes_on_until_it_is_no_longer_wanted() -> None:
    """A reader may leave at any line."""
    stream = Watched([[event(str(number), str(number)) for number in range(10)]], naps=9)
    assert len(list(islice(logs.follow(stream, GROUP, NOW), 3))) == 3  # type: ignore[arg-type]


def test_a_json_line_is_taken_apart() -> None:
    """The function writes level, message and facts."""
    told = line(
        event(
            json.dumps(
                {
                    "timestamp": "t",
                    "level": "warn",
                    "message": "rejected a.jpg",
                    "reason": "damaged",
                    "n": 3,
                }
            )
            + "\n"
        )
    )
    assert told == LogLine(NOW, "WARN", "rejected a.jpg", {"reason": "damaged", "n": 3})


def test_a_failure_is_an_error_with_its_trace() -> None:
    """Lambda reports what left the function with neither level nor message."""
    told = line(
        event(
            json.dumps(
                {
                    "errorType": "ValueError",
                    "errorMessage": "no Records",
                    "stackTrace": ["  File x"],
                }
            )
        )
    )
    assert (told.level, told.message, told.fields) == (
        "ERROR",
        "ValueError: no Records",
        {"stackTrace": ["  File x"]},
    )


@pytest.mark.parametrize(
    "message",
    [
        (
            '{"time": "t", "type": "platform.report", '
            '"record": {"requestId": "r", "metrics": {"durationMs": 3}}}'
        ),
        '{"type": "platform.start", "record": null}',
        "START RequestId: 1 Version: $LATEST",
        "END RequestId: 1",
        "REPORT RequestId: 1\tDuration: 2 ms",
        "INIT_START Runtime Version: python:3.12",
    ],
)
def test_lambdas_own_lines_are_known(message: str) -> None:
    """In both of its log formats."""
    assert line(event(message)).platform


@pytest.mark.parametrize(
    "message",
    [
        "",
        "START your engines",
        "[1, 2]",
        '"text"',
        "42",
        "null",
        "{",
        '{"type": 5}',
        '{"message": null, "level": null}',
        "\x1b[31m",
    ],
)
def test_any_text_is_a_line(message: str) -> None:
    """Whatever the function prints."""
    assert not line(event(message)).platform


def json_line(stream: str, at: int, **said: Any) -> dict[str, Any]:
    """A JSON line of a stream, at so many milliseconds."""
    return {"logStreamName": stream, "timestamp": at, "message": json.dumps(said)}


def timeout(stream: str, at: int, request_id: str) -> dict[str, Any]:
    """What Lambda says of an invocation that took too long."""
    record = {"requestId": request_id, "status": "timeout", "metrics": {"durationMs": 3000.0}}
    return json_line(stream, at, type="platform.report", record=record)


def begin(stream: str, at: int, request_id: str, key: str) -> dict[str, Any]:
    """What the function says before it touches a picture."""
    said = {"level": "INFO", "message": f"begin {key}", "requestId": request_id}
    return json_line(stream, at, **said)


def told(aws: Aws, faults: Faults, errors: list[Any], begins: list[Any]) -> list[LogLine]:
    """What --filter ERROR shows where CloudWatch finds these errors, and these beginnings."""
    faults.answer("FilterLogEvents", {"events": errors})
    faults.answer("FilterLogEvents", {"events": begins})
    return list(logs.tail(aws, GROUP, NOW - HOUR, logs.ERRORS))


def test_an_error_of_lambdas_names_the_picture(aws: Aws, faults: Faults, sent: Sent) -> None:
    """It is the one begun last in the same invocation, and one more call tells of a whole page."""
    errors = [timeout("a", 900, "r1"), timeout("b", 950, "r2")]
    begins = [
        begin("a", 100, "r0", "before.jpg"),
        begin("a", 200, "r1", "first of two.jpg"),
        begin("b", 250, "r2", "other.jpg"),
        begin("a", 300, "r1", "slow.jpg"),
        begin("a", 920, "r3", "after.jpg"),
    ]
    lines = told(aws, faults, errors, begins)
    assert [(line.message, line.fields["key"]) for line in lines] == [
        ("Task timed out after 3.00 seconds", "slow.jpg"),
        ("Task timed out after 3.00 seconds", "other.jpg"),
    ]
    first, second = sent.of("FilterLogEvents")
    assert "?timeout" in first["filterPattern"].split()
    assert second["logStreamNames"] == ["a", "b"]


def test_an_error_without_a_known_picture_names_none(aws: Aws, faults: Faults) -> None:
    """Of another invocation, or of none: no picture is blamed for what struck the next."""
    begins = [begin("a", 200, "r1", "innocent.jpg"), json_line("a", 300, message="begins no.jpg")]
    (line,) = told(aws, faults, [timeout("a", 900, "r2")], begins)
    assert "key" not in line.fields


def test_what_only_sounds_like_an_error_is_left_out(aws: Aws, faults: Faults) -> None:
    """CloudWatch's terms are wider than what was asked for; a text with the word stays."""
    events = [
        event("[ERROR] by somebody's library"),
        event("INIT_START Runtime Version: python:3.12"),
        event('{"level": "INFO", "message": "timeout is 60"}'),
        event('{"level": "ERROR", "message": "failed a.jpg", "key": "a.jpg"}'),
    ]
    faults.answer("FilterLogEvents", {"events": events})
    lines = logs.tail(aws, GROUP, NOW - HOUR, logs.ERRORS)
    assert [line.message for line in lines] == ["[ERROR] by somebody's library", "failed a.jpg"]


def test_a_line_that_is_nested_without_end_is_a_text() -> None:
    """Whoever may write into the log can write what no parser takes."""
    text = "[" * 100_000
    assert line(event(text)).message == text
