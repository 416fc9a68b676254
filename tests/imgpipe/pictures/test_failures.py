"""The failure queue's messages, whatever they hold, as pictures that failed."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.event import Kind, self_test_event
from imgpipe.aws import messages
from imgpipe.aws.messages import Message
from imgpipe.errors import NotSetUpError
from imgpipe.pictures import failures
from tests.support import failed
from tests.support.failed import ID, event, record, send, waiting

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults, Sent

pytestmark = pytest.mark.slow

QUEUE: Final = "ImageProcessingFailures"
SENT: Final = datetime(2026, 11, 14, 18, 16, 6, tzinfo=UTC)
DAYS: Final = timedelta(days=14)


@pytest.fixture
def queue(aws: Aws) -> str:
    """An empty failure queue, as setup makes it."""
    attributes = {"MessageRetentionPeriod": str(14 * 24 * 3600)}
    aws.client("sqs").create_queue(QueueName=QUEUE, Attributes=attributes)
    return QUEUE


def of(body: Any) -> list[failures.Failure]:
    """What a message with this body tells."""
    text = body if isinstance(body, str) else json.dumps(body)
    return list(failures.of_message(Message("m", text, SENT, SENT + DAYS, "handle")))


def test_a_record_is_taken_apart() -> None:
    """As Lambda documents it: key, time, reason, request id, tries; SQS knows the end of it."""
    (found,) = of(record(event("a b/größe+.jpg")))
    assert found == failures.Failure(
        key="a b/größe+.jpg",
        kind=Kind.CREATED,
        reason="Sandbox.Timedout: Task timed out after 60.00 seconds",
        time=datetime(2026, 11, 14, 18, 16, 5, 568000, tzinfo=UTC),
        expires=SENT + DAYS,
        request_id=ID,
        attempts=3,
        message="m",
    )


@pytest.mark.parametrize(
    ("body", "pictures"),
    [
        (
            record(event("a.jpg", "b.jpg", "a.jpg")),
            [(Kind.CREATED, "a.jpg"), (Kind.CREATED, "b.jpg")],
        ),
        (record(event("a.jpg", kind=Kind.REMOVED)), [(Kind.REMOVED, "a.jpg")]),
        (record(self_test_event("self.jpg", b"x")), [(Kind.CREATED, "")]),
        (record({"Event": "s3:TestEvent"}), [(Kind.CREATED, "")]),
        (record({"no": "event"}), [(Kind.CREATED, "")]),
        (record({"Records": [{"s3": {"bucket": {}}}]}), [(Kind.CREATED, "")]),
        (record({"Records": ["text"]}), [(Kind.CREATED, "")]),
        (
            record({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": 5}}}]}),
            [(Kind.CREATED, "")],
        ),
        (record(None), [(Kind.CREATED, "")]),
    ],
)
def test_every_picture_of_an_event_is_told_once(
    body: Any, pictures: list[tuple[Kind, str]]
) -> None:
    """And an event that names none is listed all the same."""
    assert [(found.kind, found.key) for found in of(body)] == pictures


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (record(event("a"), None, condition="EventAgeExceeded"), "never ran"),
        (record(event("a"), None, condition="ZeroReservedConcurrency"), "ZeroReservedConcurrency"),
        (record(event("a"), {}, condition=None), "no reason given"),
        (record(event("a"), {"errorType": "E", "errorMessage": "m"}), "E: m"),
        ({"requestPayload": event("a")}, "no reason given"),
        (event("a"), "not a record"),
        ("hello", "not a record"),
        ("[1]", "not a record"),
        ("null", "not a record"),
        ("[" * 5000, "not a record"),
        ({"requestContext": "x", "requestPayload": "y", "responsePayload": "z"}, "no reason given"),
    ],
)
def test_whatever_is_in_the_queue_has_a_reason(body: Any, reason: str) -> None:
    """Whoever sent it: nothing is passed over, and nothing is an error."""
    assert all(reason in found.reason for found in of(body))
    assert of(body)


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": None},
        {"timestamp": "yesterday"},
        {"timestamp": 5},
    ],
)
def test_a_record_without_a_time_has_the_messages(change: dict[str, Any]) -> None:
    """It was sent a moment later."""
    assert of({**record(event("a")), **change})[0].time == SENT


def test_pictures_are_grouped_by_reason(aws: Aws, queue: str) -> None:
    """Names, ids and the order of arrival make no group; the largest comes first."""
    for key in ("a/one.jpg", "b/two +.jpg", "c.jpg"):
        denied = f'not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/{key}"'
        said = {"errorType": "ClientError", "errorMessage": denied}
        send(aws, queue, record(event(key), said))
    send(aws, queue, record(event("slow.jpg")))
    groups = failures.read(aws, queue).by_reason()
    assert [(len(group), reason[:12]) for reason, group in groups] == [
        (3, "ClientError:"),
        (1, "Sandbox.Time"),
    ]
    assert groups[0][0].endswith('"arn:aws:s3:::b/..."')


@pytest.mark.parametrize("number", [0, 1, 10, 11, 37])
def test_all_are_read_and_none_is_consumed(aws: Aws, queue: str, number: int) -> None:
    """However many: whoever reads next sees them, too, and at once."""
    keys = {f"{each}.jpg" for each in range(number)}
    send(aws, queue, *(record(event(key)) for key in keys))
    for _ in range(2):
        found = failures.read(aws, queue)
        assert {failure.key for failure in found.found} == keys
        assert (found.waiting, found.complete) == (number, True)
    assert waiting(aws, queue) == number


def test_a_long_queue_is_read_to_the_limit(aws: Aws, queue: str, sent: Sent) -> None:
    """And it is said that there is more."""
    send(aws, queue, *(record(event(f"{each}.jpg")) for each in range(25)))
    found = failures.read(aws, queue, 12)
    assert (len(found.found), found.waiting, found.complete) == (12, 25, False)
    assert [call["MaxNumberOfMessages"] for call in sent.of("ReceiveMessage")] == [10, 2]


def test_a_message_that_comes_twice_is_listed_once(aws: Aws, queue: str, faults: Faults) -> None:
    """Standard queues deliver at least once."""
    body = json.dumps(record(event("a.jpg")))
    milliseconds = str(int(SENT.timestamp() * 1000))
    message = {"MessageId": "1", "Body": body, "Attributes": {"SentTimestamp": milliseconds}}
    twice = [{**message, "ReceiptHandle": handle} for handle in ("first", "second")]
    faults.answer("ReceiveMessage", {"Messages": twice})
    faults.answer("ReceiveMessage", {"Messages": twice[:1]})
    assert [failure.key for failure in failures.read(aws, queue).found] == ["a.jpg"]


def test_a_message_that_comes_again_is_known_by_its_last_receipt(
    aws: Aws, queue: str, faults: Faults
) -> None:
    """Held for too short a time it does, and is not deleted by the receipt before."""
    message = {"MessageId": "1", "Body": "", "Attributes": {"SentTimestamp": "0"}}
    for handle in ("first", "second"):
        faults.answer("ReceiveMessage", {"Messages": [{**message, "ReceiptHandle": handle}]})
    with messages.held(aws, messages.find(aws, queue), 10, 0) as (held,):
        assert held.handle == "second"


def test_a_reader_that_breaks_off_gives_everything_back(aws: Aws, queue: str) -> None:
    """As on Ctrl-C."""
    send(aws, queue, *(record(event(f"{each}.jpg")) for each in range(15)))
    found = messages.find(aws, queue)
    with suppress(KeyboardInterrupt), messages.held(aws, found, 1000, 600) as held:
        assert len(held) == 15
        assert failures.read(aws, queue).found == []
        raise KeyboardInterrupt
    assert len(failures.read(aws, queue).found) == 15


def test_what_is_soon_forgotten_is_known(aws: Aws, queue: str) -> None:
    """By the queue's own retention, which may not be ours."""
    send(aws, queue, record(event("a.jpg")))
    (failure,) = failures.read(aws, queue).found
    now = datetime.now(UTC)
    assert DAYS - timedelta(minutes=5) < failure.expires - now <= DAYS
    found = failures.Failures(
        [failure, replace(failure, expires=now + timedelta(days=2))], 2, complete=True
    )
    assert [each.expires for each in found.expiring(now)] == [now + timedelta(days=2)]


def test_a_glance_costs_no_more_than_a_count_where_nothing_waits(
    aws: Aws, queue: str, sent: Sent
) -> None:
    """``status`` is asked often."""
    assert failures.glance(aws, queue) == failures.Failures((), 0, complete=True)
    assert not sent.of("ReceiveMessage")


def test_a_glance_counts_where_it_may_not_read(aws: Aws, queue: str, faults: Faults) -> None:
    """Who may look at the pipeline may perhaps not read what was in it."""
    send(aws, queue, record(event("a.jpg")))
    faults.fail("ReceiveMessage", "AccessDenied", status=403)
    assert failures.glance(aws, queue) == failures.Failures((), 1, complete=False)


def test_a_missing_queue_says_what_to_do(aws: Aws) -> None:
    """There is no pipeline yet."""
    with pytest.raises(NotSetUpError) as error:
        failures.read(aws, QUEUE)
    assert "setup" in error.value.next


def test_a_message_taken_by_somebody_else_is_no_error(aws: Aws, queue: str, faults: Faults) -> None:
    """Nor one that was deleted twice; any other refusal is."""
    send(aws, queue, record(event("a.jpg")))
    found = messages.find(aws, queue)
    with messages.held(aws, found, 10, 30) as (message,):
        faults.fail("DeleteMessage", "ReceiptHandleIsInvalid")
        messages.delete(aws, found, message)
        faults.fail("ChangeMessageVisibility", "MessageNotInflight")
        messages.hold(aws, found, message, 60)
    assert failed.waiting(aws, queue) == 1
