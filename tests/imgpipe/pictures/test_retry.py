"""Pictures that failed, run again: what leaves the queue, and what stays."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.event import Kind, object_events
from handler.keys import processed_key
from handler.schema import Metadata, Status
from imgpipe.errors import NotSetUpError, PartialError
from imgpipe.pictures import failures, retry
from imgpipe.pictures.leftovers import Stores
from imgpipe.pictures.retry import Fate, Place, Retried
from tests.support import table as tables
from tests.support.failed import event, record, send, waiting
from tests.support.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgpipe.aws.account import Aws
    from tests.support.account import Faults, Sent

pytestmark = pytest.mark.slow

QUEUE: Final = "ImageProcessingFailures"
BUCKET: Final = "destination"
PLACE: Final = Place(
    queue=QUEUE,
    function="ImageProcessingFunction",
    alias="live",
    source_bucket="source",
    stores=Stores(BUCKET, TABLE, ["", "thumb"]),
    hold_seconds=90,
    follows=True,
)
DONE: Final = {"processed": ["processed-a.jpg"], "rejected": [], "missing": []}


@pytest.fixture(autouse=True)
def account(aws: Aws) -> None:
    """An empty failure queue, empty buckets and an empty table."""
    aws.client("sqs").create_queue(QueueName=QUEUE)
    constraint = {"LocationConstraint": aws.region}
    for bucket in (PLACE.source_bucket, BUCKET):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=constraint)
    tables.make(aws.client("dynamodb"))


def answer(faults: Faults, result: Any, times: int = 1, **more: str) -> None:
    """Let the function answer so, each time anew."""
    for _ in range(times):
        payload = io.BytesIO(json.dumps(result).encode())
        faults.answer("Invoke", {"StatusCode": 200, "Payload": payload, **more})


def run(aws: Aws, *keys: str, place: Place = PLACE) -> Sequence[Retried]:
    """Run these again, or all."""
    with retry.held(aws, place, keys) as work:
        results = list(work.run())
        assert len(results) == len(work)
    return sorted(results, key=lambda each: each.key)


def invoked(sent: Sent) -> list[tuple[str, str]]:
    """The objects that the function was run on."""
    events = [json.loads(call["Payload"]) for call in sent.of("Invoke")]
    return sorted((told.kind, told.key) for each in events for told in object_events(each))


def test_what_succeeds_leaves_the_queue(aws: Aws, faults: Faults) -> None:
    """And is told with its results."""
    send(aws, QUEUE, record(event("a.jpg")))
    answer(faults, DONE)
    assert run(aws) == [Retried("a.jpg", Fate.PROCESSED, "", ("processed-a.jpg",), settled=True)]
    assert waiting(aws, QUEUE) == 0


def test_what_is_rejected_has_its_reason_and_leaves_too(aws: Aws, faults: Faults) -> None:
    """It can never work, and the table says why."""
    send(aws, QUEUE, record(event("a.jpg")))
    answer(faults, {"processed": [], "rejected": ["a.jpg: damaged: x"], "missing": []})
    (result,) = run(aws)
    assert (result.fate, result.reason) == (Fate.REJECTED, "damaged: x")
    assert waiting(aws, QUEUE) == 0
    with pytest.raises(PartialError):
        retry.raise_for_failures([result])


def test_what_fails_again_stays(aws: Aws, faults: Faults) -> None:
    """Whether the function raised, was cut off, or was not even run; the next read sees it."""
    send(aws, QUEUE, record(event("a.jpg")))
    said = {"errorType": "ClientError", "errorMessage": "still broken"}
    answer(faults, said, FunctionError="Unhandled")
    assert run(aws) == [Retried("a.jpg", Fate.FAILED, "ClientError: still broken")]
    answer(faults, None, FunctionError="Unhandled")
    assert run(aws)[0].reason == "no reason given"
    faults.fail("Invoke", "AccessDeniedException", "not you", status=403)
    assert "Invoke was denied" in run(aws)[0].reason
    assert [failure.key for failure in failures.read(aws, QUEUE).found] == ["a.jpg"]


def test_a_picture_is_run_once_however_often_it_failed(
    aws: Aws, faults: Faults, sent: Sent
) -> None:
    """All of its messages go, of every page."""
    send(aws, QUEUE, *[record(event("a.jpg"))] * 13)
    answer(faults, DONE)
    run(aws)
    assert invoked(sent) == [(Kind.CREATED, "a.jpg")]
    assert waiting(aws, QUEUE) == 0


def test_a_message_stays_until_all_of_its_pictures_are_done_with(aws: Aws, faults: Faults) -> None:
    """Of an event of two, the second was not asked for."""
    send(aws, QUEUE, record(event("a.jpg", "b.jpg")))
    answer(faults, DONE, times=3)
    assert [each.key for each in run(aws, "a.jpg")] == ["a.jpg"]
    assert waiting(aws, QUEUE) == 1
    assert [each.key for each in run(aws)] == ["a.jpg", "b.jpg"]
    assert waiting(aws, QUEUE) == 0


def test_only_what_is_named_is_run(aws: Aws, faults: Faults, sent: Sent) -> None:
    """The others show again at once; a name that did not fail is said, not passed over."""
    send(aws, QUEUE, *(record(event(f"{each}.jpg")) for each in range(12)))
    answer(faults, DONE)
    results = run(aws, "5.jpg", "other.jpg")
    assert [(each.key, each.fate) for each in results] == [
        ("5.jpg", Fate.PROCESSED),
        ("other.jpg", Fate.UNKNOWN),
    ]
    assert "invoke" in results[1].reason
    assert invoked(sent) == [(Kind.CREATED, "5.jpg")]
    assert len(failures.read(aws, QUEUE).found) == 11


def test_a_removal_is_run_as_a_removal(aws: Aws, faults: Faults, sent: Sent) -> None:
    """Nothing is left of it: that was the aim."""
    send(aws, QUEUE, record(event("a.jpg", kind=Kind.REMOVED)))
    answer(faults, {"processed": [], "rejected": [], "missing": ["a.jpg"]})
    assert run(aws) == [Retried("a.jpg", Fate.REMOVED, settled=True)]
    assert invoked(sent) == [(Kind.REMOVED, "a.jpg")]


THUMB: Final = processed_key("a.jpg", "thumb", "webp")
GONE: Final = {"processed": [], "rejected": [], "missing": ["a.jpg"]}
ROW: Final = Metadata("processed-a.jpg", 1, "2026-07-01", Status.PROCESSED, "a.jpg")


def row(aws: Aws, **changes: str) -> None:
    """A row that stands."""
    tables.write(aws.client("dynamodb"), replace(ROW, **changes))  # type: ignore[arg-type]


def result(aws: Aws, key: str) -> None:
    """A result that stands."""
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"x")


def test_an_original_that_is_gone_is_said_and_done_with(aws: Aws, faults: Faults) -> None:
    """Others' results and rows, however alike their names, are none of its."""
    send(aws, QUEUE, record(event("a.jpg")))
    row(aws, filename="processed-a.jpg.jpg", source_key="a.jpg.jpg")
    result(aws, "processed-a.jpg.jpg")
    result(aws, "processed-a.jpgs")
    answer(faults, GONE)
    (told,) = run(aws)
    assert (told.fate, told.settled) == (Fate.GONE, True)
    assert "not in the source bucket" in told.reason
    assert waiting(aws, QUEUE) == 0
    retry.raise_for_failures([told])


@pytest.mark.parametrize(
    ("rows", "results"),
    [
        (["processed-a.jpg"], []),
        ([], ["processed-a.jpg"]),
        ([], [THUMB]),
    ],
)
def test_an_original_that_is_gone_and_left_something_stays(
    aws: Aws, faults: Faults, rows: list[str], results: list[str]
) -> None:
    """A row, or a result whose row was never written: the message tells of work to be done."""
    send(aws, QUEUE, record(event("a.jpg")))
    for name in rows:
        row(aws, filename=name)
    for name in results:
        result(aws, name)
    answer(faults, GONE)
    (told,) = run(aws)
    assert (told.fate, told.settled) == (Fate.GONE, False)
    assert (rows + results)[0] in told.reason
    assert waiting(aws, QUEUE) == 1
    with pytest.raises(PartialError):
        retry.raise_for_failures([told])


@pytest.mark.parametrize(
    ("kind", "fate", "settled"),
    [(Kind.REMOVED, Fate.REMOVED, True), (Kind.CREATED, Fate.FAILED, False)],
)
def test_an_original_that_came_back_is_never_called_gone(
    aws: Aws, faults: Faults, kind: Kind, fate: Fate, settled: bool
) -> None:
    """Its results are its own. What was put while the function looked may have failed anew."""
    send(aws, QUEUE, record(event("a.jpg", kind=kind)))
    aws.client("s3").put_object(Bucket=PLACE.source_bucket, Key="a.jpg", Body=b"x")
    row(aws)
    result(aws, "processed-a.jpg")
    answer(faults, GONE)
    (told,) = run(aws)
    assert (told.fate, told.settled) == (fate, settled)
    assert waiting(aws, QUEUE) == (0 if settled else 1)


def test_what_is_kept_on_purpose_keeps_no_message(aws: Aws, faults: Faults) -> None:
    """With ``removed = "keep"`` results without an original are as they should be."""
    send(aws, QUEUE, record(event("a.jpg")))
    result(aws, "processed-a.jpg")
    answer(faults, GONE)
    (told,) = run(aws, place=replace(PLACE, follows=False))
    assert told.settled
    assert waiting(aws, QUEUE) == 0


def test_a_message_that_names_no_picture_is_said_and_stays(
    aws: Aws, faults: Faults, sent: Sent
) -> None:
    """Nobody knows what would be lost."""
    send(aws, QUEUE, "hello", record(event("a.jpg")))
    answer(faults, DONE)
    assert [(each.key, each.fate) for each in run(aws)] == [
        ("", Fate.UNKNOWN),
        ("a.jpg", Fate.PROCESSED),
    ]
    assert waiting(aws, QUEUE) == 1


def test_many_are_run_some_at_once(aws: Aws, faults: Faults) -> None:
    """Forty, each once."""
    send(aws, QUEUE, *(record(event(f"{each}.jpg")) for each in range(40)))
    answer(faults, DONE, times=40)
    assert {each.fate for each in run(aws)} == {Fate.PROCESSED}
    assert waiting(aws, QUEUE) == 0


def test_a_run_that_breaks_off_loses_nothing(aws: Aws, faults: Faults) -> None:
    """What ended is gone; the rest is there, if only for as long out of sight as a run may take."""
    send(aws, QUEUE, *(record(event(f"{each}.jpg")) for each in range(5)))
    answer(faults, DONE)
    answer(faults, {"errorMessage": "no"}, times=4, FunctionError="Unhandled")
    with retry.held(aws, PLACE) as work:
        assert any(each.fate is Fate.PROCESSED for each in work.run())
    assert waiting(aws, QUEUE) == 4


def test_what_is_in_others_hands_is_counted(aws: Aws, faults: Faults) -> None:
    """So that "nothing waits" is never said of what only does not show."""
    send(aws, QUEUE, record(event("a.jpg")))
    with retry.held(aws, PLACE), retry.held(aws, PLACE) as second:
        assert (len(second), second.unseen) == (0, 1)


def test_a_missing_queue_says_what_to_do(aws: Aws) -> None:
    """There is no pipeline yet."""
    with pytest.raises(NotSetUpError), retry.held(aws, replace(PLACE, queue="nowhere")):
        pass
