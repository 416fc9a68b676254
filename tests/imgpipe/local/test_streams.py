"""What the embedded AWS keeps of a table's stream when its process ends."""

from __future__ import annotations

from typing import Any, Final

import pytest
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc

from imgpipe.local import streams

WHERE: Final = ("000000000000", "us-east-1")
ARN: Final = "arn:aws:dynamodb:us-east-1:000000000000:table/rows/stream/2026"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account without anything in it."""
    for name in ("_stream_records", "_stream_trimmed"):
        monkeypatch.setattr(dynamodb, name, AccountRegionScopedDict())
    for name in ("_dynamodb_stream_positions", "_esms"):
        monkeypatch.setattr(lambda_svc, name, AccountRegionScopedDict())


def written(*numbers: int) -> None:
    """Let a table's stream hold these changes."""
    dynamodb._stream_records.set_scoped(*WHERE, "rows", [{"number": each} for each in numbers])


def read_by(mapping: str, position: int, arn: str = ARN) -> None:
    """Let a function have read the stream so far."""
    lambda_svc._esms.set_scoped(*WHERE, mapping, {"EventSourceArn": arn})
    lambda_svc._dynamodb_stream_positions.set_scoped(*WHERE, mapping, position)


def after_a_restart(position: int) -> list[int]:
    """What is handed over from ``position`` on, once another process has taken over."""
    state: dict[str, Any] = streams.saved(dict)()
    for store in (dynamodb._stream_records, dynamodb._stream_trimmed):
        store._data.clear()
    streams.restored(lambda _: None)(state)
    place = dict(zip(("account_id", "region"), WHERE, strict=True))
    return [each["number"] for each in dynamodb.stream_records_since("rows", position, 9, **place)]


def further(*numbers: int) -> None:
    """Let the stream go on."""
    dynamodb._stream_records.get_scoped(*WHERE, "rows").extend({"number": each} for each in numbers)


@pytest.mark.parametrize("read", range(4))
def test_what_was_not_handed_over_is_after_a_restart(read: int) -> None:
    """And nothing else, so that saving takes no longer for all that has been."""
    written(0, 1, 2)
    read_by("m", read)
    assert after_a_restart(read) == [0, 1, 2][read:]
    assert len(dynamodb._stream_records.get_scoped(*WHERE, "rows")) == 3 - read


def test_a_stream_goes_on_where_it_stood() -> None:
    """Changes after the restart are those that come next, also after a second one."""
    written(0, 1, 2)
    read_by("m", 3)
    assert after_a_restart(3) == []
    further(3, 4)
    assert after_a_restart(3) == [3, 4]


def test_the_slowest_reader_decides() -> None:
    """Of this table's alone."""
    written(0, 1, 2)
    read_by("m", 3)
    read_by("slow", 1)
    read_by("other", 0, ARN.replace("rows", "others"))
    assert after_a_restart(1) == [1, 2]


def test_what_nobody_reads_is_not_kept() -> None:
    """Who begins to read later is told of what comes then."""
    written(0, 1, 2)
    assert after_a_restart(0) == []


def test_state_of_an_earlier_release_has_no_streams() -> None:
    """It is taken as it is."""
    streams.restored(lambda _: None)({})
    assert dynamodb._stream_records.all_items() == []
