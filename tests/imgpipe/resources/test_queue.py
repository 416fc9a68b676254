"""Queue: failures are kept as long as SQS can, encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from imgpipe.engine.graph import Action
from imgpipe.engine.resource import Live
from imgpipe.errors import NotOursError
from imgpipe.resources.queue import RETENTION, Queue

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Engine, Faults, Sent

NAME = "ImageProcessingFailures"


@pytest.fixture
def queue(tags: tuple[tuple[str, str], ...]) -> Queue:
    """The queue."""
    return Queue(NAME, tags)


@pytest.fixture
def sqs(aws: Aws) -> Any:
    """The client the tests look with."""
    return aws.client("sqs")


def _url(sqs: Any) -> str:
    return str(sqs.get_queue_url(QueueName=NAME)["QueueUrl"])


def test_create_makes_an_encrypted_patient_queue(
    engine: Engine, queue: Queue, sqs: Any, sent: Sent
) -> None:
    """14 days, SSE-SQS, and the tags travel with the creation."""
    created = engine.setup(queue)
    assert created.action is Action.CREATE
    found = sqs.get_queue_attributes(QueueUrl=_url(sqs), AttributeNames=["All"])["Attributes"]
    assert (found["MessageRetentionPeriod"], found["SqsManagedSseEnabled"]) == (
        str(14 * 24 * 60 * 60),
        "true",
    )
    assert sent.of("CreateQueue")[0]["tags"] == dict(queue.tags)
    assert (created.live or {})["Arn"] == f"arn:aws:sqs:eu-west-1:123456789012:{NAME}"
    assert (created.live or {})["QueueUrl"] == _url(sqs)


def test_second_setup_changes_nothing(engine: Engine, queue: Queue) -> None:
    """What was created reads back as it was desired."""
    engine.setup(queue)
    again = engine.setup(queue)
    assert (again.action, again.calls) == (Action.NONE, [])


@pytest.mark.parametrize(
    ("drift", "expected"),
    [
        (
            lambda sqs: sqs.set_queue_attributes(
                QueueUrl=_url(sqs), Attributes={"MessageRetentionPeriod": "60"}
            ),
            ("SetQueueAttributes", {"Attributes": {"MessageRetentionPeriod": str(RETENTION)}}),
        ),
        (
            lambda sqs: sqs.set_queue_attributes(
                QueueUrl=_url(sqs), Attributes={"SqsManagedSseEnabled": "false"}
            ),
            ("SetQueueAttributes", {"Attributes": {"SqsManagedSseEnabled": "true"}}),
        ),
        (lambda sqs: sqs.untag_queue(QueueUrl=_url(sqs), TagKeys=["team"]), ("TagQueue", {})),
    ],
    ids=["retention", "encryption", "tag"],
)
def test_update_sets_only_what_drifted(
    engine: Engine, queue: Queue, sent: Sent, drift: Any, expected: tuple[str, dict[str, Any]]
) -> None:
    """A setting changed by hand is put back with one call, which names nothing else."""
    call, parameters = expected
    engine.setup(queue)
    drift(engine.aws.client("sqs"))
    again = engine.setup(queue)
    assert (again.action, again.calls) == (Action.UPDATE, [call])
    assert parameters.items() <= sent.of(call)[-1].items()
    assert engine.setup(queue).action is Action.NONE


def test_the_name_of_a_queue_just_deleted_is_waited_for(
    engine: Engine, queue: Queue, faults: Faults, clock: Clock
) -> None:
    """SQS frees a deleted queue's name after 60 s."""
    faults.fail(
        "CreateQueue",
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "You must wait 60 seconds",
        times=30,
    )
    assert engine.setup(queue).action is Action.CREATE
    assert clock() >= 60


def test_the_wait_for_a_name_is_bounded(
    aws: Aws, queue: Queue, faults: Faults, clock: Clock
) -> None:
    """Past the time SQS promises, its own error comes out."""
    faults.fail("CreateQueue", "QueueDeletedRecently", times=1000)
    with pytest.raises(ClientError, match="QueueDeletedRecently"):
        queue.create(aws, queue.properties(Live()))
    assert 60 < clock() < 90


def test_a_queue_of_somebody_else_is_left_alone(engine: Engine, queue: Queue, sqs: Any) -> None:
    """Same name, no tag of ours: neither changed nor deleted."""
    sqs.create_queue(QueueName=NAME)
    for verb in (engine.setup, engine.teardown):
        with pytest.raises(NotOursError):
            verb(queue)
        assert engine.calls.mutating == []


def test_deleting_what_is_gone_is_success(aws: Aws, engine: Engine, queue: Queue, sqs: Any) -> None:
    """A second deletion is none."""
    engine.setup(queue)
    live = queue.read(aws) or {}
    assert engine.teardown(queue).action is Action.DELETE
    assert sqs.list_queues().get("QueueUrls", []) == []
    queue.delete(aws, live)
    assert queue.read(aws) is None


def test_a_queue_sqs_still_answers_for_is_waited_out(
    engine: Engine, queue: Queue, faults: Faults, clock: Clock
) -> None:
    """For up to a minute a deleted queue may look alive; teardown ends when it does not."""
    engine.setup(queue)
    sqs = engine.aws.client("sqs")
    url = {"QueueUrl": _url(sqs)}
    for operation, answer in {
        "GetQueueUrl": url,
        "GetQueueAttributes": sqs.get_queue_attributes(**url, AttributeNames=["All"]),
        "ListQueueTags": sqs.list_queue_tags(**url),
    }.items():
        faults.answer(operation, answer, times=4)
    assert engine.teardown(queue).calls == ["DeleteQueue"]
    assert len(clock.naps) == 3
