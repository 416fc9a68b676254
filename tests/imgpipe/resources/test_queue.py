"""Queue: failures are kept as long as SQS can, encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from imgpipe.engine.graph import Action
from imgpipe.engine.resource import Live
from imgpipe.resources.queue import Queue

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


def test_a_changed_attribute_is_sent_alone(
    engine: Engine, queue: Queue, sqs: Any, sent: Sent
) -> None:
    """Encryption is put back without a word about retention."""
    engine.setup(queue)
    sqs.set_queue_attributes(QueueUrl=_url(sqs), Attributes={"SqsManagedSseEnabled": "false"})
    engine.setup(queue)
    assert sent.of("SetQueueAttributes")[-1]["Attributes"] == {"SqsManagedSseEnabled": "true"}


def test_the_name_of_a_queue_just_deleted_is_waited_for(
    engine: Engine, queue: Queue, faults: Faults, clock: Clock
) -> None:
    """SQS frees a deleted queue's name after 60 s."""
    faults.fail(
        "CreateQueue",
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "You must wait 60 seconds",
        times=15,
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
