"""Pictures made again: so many at a time, each followed to its rows, none lost sight of."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.event import object_events
from handler.schema import Metadata, Status
from imgpipe.errors import PartialError, ServiceError
from imgpipe.pictures import again, room
from imgpipe.pictures.again import Fate, Place, Redone
from tests.support import table as tables
from tests.support.failed import event, record, send
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Faults, Sent

pytestmark = pytest.mark.slow

SOURCE: Final = "originals"
QUEUE: Final = "Failures"
PLACE: Final = Place("Function", "live", SOURCE, TABLE, QUEUE, ["", "thumb"])
# What the injected answers of Lambda are dated with.
STARTED: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def account(aws: Aws) -> None:
    """A bucket with three pictures, an empty table and an empty failure queue."""
    tables.make(aws.client("dynamodb"))
    aws.client("sqs").create_queue(QueueName=QUEUE)
    where = {"LocationConstraint": aws.region}
    aws.client("s3").create_bucket(Bucket=SOURCE, CreateBucketConfiguration=where)
    for number in range(3):
        aws.client("s3").put_object(Bucket=SOURCE, Key=f"{number}.jpg", Body=b"1")


def accept(faults: Faults, times: int) -> None:
    """Let Lambda take so many events."""
    faults.answer("Invoke", {"StatusCode": 202, "Payload": io.BytesIO(b"")}, times=times)


def write(aws: Aws, key: str, rendition: str = "", **fields: Any) -> None:
    """Write a row of ``key``, of a moment after it was started."""
    row = Metadata(
        filename=f"processed-{key}{rendition}",
        size=1,
        timestamp=(STARTED + timedelta(seconds=1)).isoformat(timespec="milliseconds"),
        status=Status.PROCESSED,
        source_key=key,
        rendition=rendition,
    )
    item = Metadata(**{**vars(row), **fields}).to_item()
    aws.client("dynamodb").put_item(TableName=TABLE, Item=item)


def started(sent: Sent) -> list[str]:
    """The keys the function was started for, and that nobody waited for it."""
    calls = sent.of("Invoke")
    assert {(call["InvocationType"], call["Qualifier"]) for call in calls} <= {("Event", "live")}
    return [told.key for call in calls for told in object_events(json.loads(call["Payload"]))]


def test_no_more_are_started_than_there_is_room_for(aws: Aws, faults: Faults, sent: Sent) -> None:
    """The next one has its turn when one is through: with each rendition, and not before."""
    accept(faults, 3)
    running = again.run(aws, PLACE, ["0.jpg", "1.jpg", "2.jpg"], 2, 330)
    write(aws, "1.jpg")
    write(aws, "0.jpg")
    write(aws, "0.jpg", "thumb")
    done = Redone("0.jpg", Fate.PROCESSED, results=("processed-0.jpg", "processed-0.jpgthumb"))
    assert next(running) == done
    assert sorted(started(sent)) == ["0.jpg", "1.jpg"]
    write(aws, "2.jpg", status=Status.REJECTED, reason="too many pixels")
    assert next(running) == Redone("2.jpg", Fate.REJECTED, "too many pixels")
    write(aws, "1.jpg", "thumb")
    assert [each.key for each in running] == ["1.jpg"]


def test_a_row_of_before_is_no_news(aws: Aws, faults: Faults) -> None:
    """The picture has rows already: that is why it is made again."""
    accept(faults, 1)
    old = (STARTED - timedelta(seconds=1)).isoformat(timespec="milliseconds")
    for name in PLACE.renditions:
        write(aws, "0.jpg", name, timestamp=old)
    (told,) = again.run(aws, PLACE, ["0.jpg"], 2, 60)
    assert told.fate is Fate.WAITING


def test_what_failed_and_what_is_gone_makes_room(
    aws: Aws, faults: Faults, sent: Sent, clock: Clock
) -> None:
    """Found after 20 s of silence: in the failure queue, and by its absence."""
    accept(faults, 3)
    failed = STARTED + timedelta(minutes=3)
    send(aws, QUEUE, {**record(event("0.jpg")), "timestamp": failed.isoformat()})
    aws.client("s3").delete_object(Bucket=SOURCE, Key="1.jpg")
    running = again.run(aws, PLACE, ["0.jpg", "1.jpg", "2.jpg"], 2, 330)
    fates = {each.key: each.fate for each in (next(running), next(running))}
    assert fates == {"0.jpg": Fate.FAILED, "1.jpg": Fate.GONE}
    assert 20 <= clock() <= 25
    write(aws, "2.jpg", status=Status.REJECTED)
    assert next(running).key == "2.jpg"
    assert started(sent)[-1] == "2.jpg"


def test_without_news_it_ends(aws: Aws, faults: Faults, sent: Sent, clock: Clock) -> None:
    """What is under way is told to be waiting, and nothing further is started."""
    accept(faults, 2)
    told = list(again.run(aws, PLACE, ["0.jpg", "1.jpg", "2.jpg"], 2, 60))
    assert [each.fate for each in told] == [Fate.WAITING] * 2
    assert len(started(sent)) == 2
    assert 60 <= clock() <= 65
    with pytest.raises(PartialError) as caught:
        again.raise_for_failures(told, 3, "reprocess --all --before then")
    assert caught.value.message.startswith("3 of 3 pictures")
    assert "reprocess --all --before then" in caught.value.next


def test_who_may_not_start_the_function_is_told_at_the_first(aws: Aws, faults: Faults) -> None:
    """And not by a hundred thousand failures."""
    faults.fail("Invoke", "AccessDeniedException")
    with pytest.raises(ServiceError):
        list(again.run(aws, PLACE, ["0.jpg", "1.jpg"], 2, 60))


def test_a_start_that_is_refused_later_is_that_pictures_failure(aws: Aws, faults: Faults) -> None:
    """The others go on."""
    accept(faults, 1)
    faults.fail("Invoke", "RequestTooLargeException")
    running = again.run(aws, PLACE, ["0.jpg", "1.jpg"], 2, 60)
    assert next(running).fate is Fate.FAILED


@pytest.mark.parametrize(("limit", "most"), [(1000, 100), (10, 5), (1, 1)])
def test_half_of_what_the_account_may_run_is_left_to_others(
    aws: Aws, faults: Faults, limit: int, most: int
) -> None:
    """A new account may run ten at once."""
    account = {"UnreservedConcurrentExecutions": limit, "ConcurrentExecutions": limit}
    faults.answer("GetAccountSettings", {"AccountLimit": account})
    assert room.at_once(aws) == most


def test_very_many_are_done_in_rounds(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more than the room there is, and each once."""
    waiting: dict[str, str] = {}
    seen: list[int] = []

    def start(_: Aws, __: str, ___: str, told: Any) -> datetime:
        (each,) = object_events(told)
        waiting[each.key] = each.key
        return STARTED

    def since(_: Aws, __: str, ___: datetime) -> Iterator[Metadata]:
        seen.append(len(waiting))
        for key in list(waiting):
            del waiting[key]
            for name in PLACE.renditions:
                when = (STARTED + timedelta(seconds=len(seen))).isoformat(timespec="milliseconds")
                yield Metadata(f"{key}{name}", 1, when, Status.PROCESSED, key, rendition=name)

    monkeypatch.setattr("imgpipe.function.invoke.start", start)
    monkeypatch.setattr("imgpipe.pictures.catalog.since", since)
    keys = [f"{number}.jpg" for number in range(2_000)]
    done = list(again.run(aws, PLACE, iter(keys), 100, 330))
    assert [each.key for each in done] == keys
    assert max(seen) == 100
