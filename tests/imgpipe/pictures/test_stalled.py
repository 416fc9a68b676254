"""Uploads of which nothing is heard: the function is started, and what failed is named."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.event import Kind, object_events
from imgpipe.pictures import following, stalled
from imgpipe.pictures.following import Watch
from imgpipe.pictures.outcomes import Outcome, Remark, Result
from imgpipe.pictures.stalled import Helper, Names
from imgpipe.pictures.waiting import Waiting
from tests.imgpipe.pictures.test_outcomes import SENT, row, upload, write
from tests.support import table as tables
from tests.support.failed import event, record, send
from tests.support.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgpipe.aws.account import Aws
    from imgpipe.pictures.following import Told
    from imgpipe.pictures.upload import Upload
    from tests.support.account import Clock, Faults, Sent

pytestmark = pytest.mark.slow

TIMED_OUT: Final = "Sandbox.Timedout: Task timed out after 60.00 seconds"
NAMES: Final = Names("Function", "live", "/aws/lambda/Function", "Failures", "source")


@pytest.fixture(autouse=True)
def account(aws: Aws) -> None:
    """An empty table and failure queue, and a function that said nothing yet."""
    tables.make(aws.client("dynamodb"))
    aws.client("sqs").create_queue(QueueName=NAMES.queue)
    aws.client("logs").create_log_group(logGroupName=NAMES.log_group)


def accept(faults: Faults, times: int, limit: int = 1000) -> None:
    """Let Lambda take so many events, and say how many functions may run at once."""
    for _ in range(times):
        faults.answer("Invoke", {"StatusCode": 202, "Payload": io.BytesIO(b"")})
    account = {"UnreservedConcurrentExecutions": limit, "ConcurrentExecutions": limit}
    faults.answer("GetAccountSettings", {"AccountLimit": account})


def watch(aws: Aws, patience: float = 330) -> Watch:
    """Follow with help."""
    return Watch(aws, TABLE, [""], patience, Helper(aws, NAMES))


def waiting(uploads: Iterable[Upload]) -> Waiting:
    """Uploads that are waited for."""
    made = Waiting()
    assert list(made.take(uploads)) == []
    return made


def started(sent: Sent) -> list[tuple[str, str]]:
    """The objects for which the function was started, and that nobody waited for it."""
    calls = sent.of("Invoke")
    assert {(call["InvocationType"], call["Qualifier"]) for call in calls} <= {("Event", "live")}
    events = [list(object_events(json.loads(call["Payload"]))) for call in calls]
    assert all(len(each) == 1 for each in events)
    return sorted((told.kind, told.key) for (told,) in events)


def remarks(told: Iterable[Told]) -> list[str]:
    """What was said."""
    return [each.text for each in told if isinstance(each, Remark)]


def test_an_event_that_never_came_is_made_up_for(
    aws: Aws, faults: Faults, sent: Sent, clock: Clock
) -> None:
    """After 20 s of silence, once for each picture, each by an event of its own; and it is said."""
    uploads = [upload(f"{each}.jpg", str(each)) for each in range(3)]
    accept(faults, 3)
    following = watch(aws).follow(waiting(uploads))
    (said,) = remarks([next(following)])
    assert "the function was started for 3 pictures" in said
    assert 20 <= clock() <= 23
    write(aws, *map(row, uploads))
    assert [each.outcome for each in following if isinstance(each, Result)] == [
        Outcome.PROCESSED
    ] * 3
    assert started(sent) == [(Kind.CREATED, f"{each}.jpg") for each in range(3)]


def test_news_keeps_the_function_from_being_started(aws: Aws, faults: Faults, sent: Sent) -> None:
    """The trigger works: what is left has its turn."""
    uploads = [upload("1.jpg", "1"), upload("2.jpg", "2")]
    following = watch(aws).follow(waiting(uploads))
    for each in uploads:
        write(aws, row(each))
        assert isinstance(next(following), Result)
    assert list(following) == []
    assert not sent.of("Invoke")


def test_each_picture_is_started_once_and_the_patience_ends(
    aws: Aws, faults: Faults, sent: Sent, clock: Clock
) -> None:
    """What the function never answers is given up in the end, as it was."""
    accept(faults, 1)
    told = list(watch(aws, 60).follow(waiting([upload()])))
    assert [type(each) for each in told] == [Remark, Result]
    assert len(sent.of("Invoke")) == 1
    assert 80 <= clock() <= 85


def test_of_very_many_a_thousand_are_started_at_each_silence(
    aws: Aws, faults: Faults, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded, and in the end all of them."""
    monkeypatch.setattr(stalled, "STARTED", 4)
    accept(faults, 10)
    uploads = [upload(f"{each}.jpg", str(each)) for each in range(10)]
    helper = Helper(aws, NAMES)
    for most in (4, 8, 10, 10):
        list(helper(waiting(uploads)))
        assert len(started(sent)) == most


def test_who_may_not_start_it_is_told_so_once(aws: Aws, faults: Faults, sent: Sent) -> None:
    """And goes on waiting for AWS's own trigger."""
    faults.fail("Invoke", "AccessDeniedException", "not you", status=403, times=9)
    told = list(
        watch(aws, 60).follow(waiting(upload(f"{each}.jpg", str(each)) for each in range(9)))
    )
    (said,) = remarks(told)
    assert "cannot be started" in said
    assert "not you" in said
    assert len(sent.of("Invoke")) == 1
    assert isinstance(told[-1], Result)


@pytest.mark.parametrize(("limit", "told"), [(10, True), (12, False), (1000, False)])
def test_more_than_may_run_at_once_is_said(
    aws: Aws, faults: Faults, limit: int, told: bool
) -> None:
    """A new account's ten; the pauses of up to five minutes are then no fault."""
    uploads = [upload(f"{each}.jpg", str(each)) for each in range(12)]
    accept(faults, 12, limit)
    said = remarks(Helper(aws, NAMES)(waiting(uploads)))
    assert any(f"may run {limit:,} functions at once" in each for each in said) is told


def test_nothing_is_said_of_a_quota_that_may_not_be_asked(aws: Aws, faults: Faults) -> None:
    """Best effort."""
    faults.answer("Invoke", {"StatusCode": 202, "Payload": io.BytesIO(b"")})
    faults.fail("GetAccountSettings", "AccessDeniedException", status=403)
    assert len(remarks(Helper(aws, NAMES)(waiting([upload()])))) == 1


def test_what_failed_for_good_is_a_failure_with_its_reason(aws: Aws, faults: Faults) -> None:
    """It is in the queue: neither waited for nor started again."""
    send(aws, NAMES.queue, {**record(event(upload().file.key)), "timestamp": SENT.isoformat()})
    (told,) = watch(aws).follow(waiting([upload()]))
    assert told == Result(upload().file, Outcome.FAILED, reason=TIMED_OUT, given_up=True)


@pytest.mark.parametrize(
    "body",
    [
        {**record(event("other.jpg")), "timestamp": SENT.isoformat()},
        {**record(event("a/photo.jpg", kind=Kind.REMOVED)), "timestamp": SENT.isoformat()},
        {
            **record(event("a/photo.jpg")),
            "timestamp": (SENT - timedelta(seconds=1)).isoformat(),
        },
    ],
    ids=["another's", "a removal's", "an earlier upload's"],
)
def test_failures_of_others_are_not_its(aws: Aws, faults: Faults, body: Any) -> None:
    """Of another picture, of its removal, of what was there before."""
    send(aws, NAMES.queue, body)
    accept(faults, 1)
    assert all(isinstance(each, Remark) for each in Helper(aws, NAMES)(waiting([upload()])))


def answer(faults: Faults, *lines: tuple[float, str]) -> None:
    """Let the log hold these failures: seconds after the upload, and key."""
    events = [
        {
            "logStreamName": "s",
            "timestamp": int((SENT.timestamp() + seconds) * 1000),
            "message": json.dumps(
                {"level": "ERROR", "message": f"failed {key}", "key": key, "error": "E: broken"}
            ),
        }
        for seconds, key in lines
    ]
    faults.answer("FilterLogEvents", {"events": events})


def test_a_try_that_failed_is_told_while_aws_tries_on(aws: Aws, faults: Faults, sent: Sent) -> None:
    """Once a picture, with the reason; each further try is news, too, and its event did come."""
    helper, mine = Helper(aws, NAMES), upload()
    seen = []
    for lines in ([(5, mine.file.key), (6, "other.jpg")], [(5, mine.file.key)]):
        answer(faults, *lines)
        seen.append(remarks(helper(waiting([mine]))))
    answer(faults, (5, mine.file.key), (70, mine.file.key))
    seen.append(remarks(helper(waiting([mine]))))
    assert "a/photo.jpg failed: E: broken; AWS tries it again" in seen[0][0]
    assert seen[1:] == [[], [""]]
    assert not sent.of("Invoke")


@pytest.mark.parametrize("operation", ["ReceiveMessage", "GetQueueUrl", "FilterLogEvents"])
def test_what_may_not_be_read_is_left_out(aws: Aws, faults: Faults, operation: str) -> None:
    """Who may only upload gets as far as that goes."""
    accept(faults, 1)
    faults.fail(operation, "AccessDenied", status=403)
    assert len(remarks(Helper(aws, NAMES)(waiting([upload()])))) == 1


def test_a_short_patience_asks_for_no_help(aws: Aws, sent: Sent) -> None:
    """Whoever waits for less than a silence does not want it."""
    assert following.STALLED_SECONDS > 15
    (told,) = watch(aws, 15).follow(waiting([upload()]))
    assert isinstance(told, Result)
    assert not sent.of("Invoke")
