"""A queue's messages, read without consuming them.

Who receives a message hides it from others for a while, and nothing more: it is gone only when it
is deleted. So what is read here is given back at once, and if the process dies, SQS does so itself:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent, error_code
from imgpipe.errors import not_set_up

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
A_CALL: Final = 10
# A long poll asks every server of SQS; without, an answer may be empty though there are messages.
_POLL_SECONDS: Final = 1
_COUNTS: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
_RETENTION: Final = "MessageRetentionPeriod"
# A receipt that is none any more: somebody else received the message since, or deleted it.
_STALE: Final = frozenset({"ReceiptHandleIsInvalid", "InvalidParameterValue"})


@dataclass(frozen=True)
class Message:
    """One message: its ``id``, its ``body``, when it was ``sent`` and when it ``expires`` (UTC).

    ``handle`` stands for this receipt of it, and is what it is deleted by.
    """

    id: str
    body: str
    sent: datetime
    expires: datetime
    handle: str = field(repr=False, compare=False)


@dataclass(frozen=True)
class Queue:
    """A queue as it was found: how many messages ``wait`` in it, about, in others' hands or not."""

    url: str
    waiting: int
    retention: timedelta


def find(aws: Aws, name: str) -> Queue:
    """Return the queue ``name`` (``sqs:GetQueueUrl``, ``sqs:GetQueueAttributes``).

    Raises:
        NotSetUpError: there is none.
    """
    sqs = aws.client("sqs")
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        asked = [*_COUNTS, _RETENTION]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"]
    except ClientError as error:
        if absent(error):
            raise not_set_up("failure queue") from error
        raise
    waiting = sum(int(found[count]) for count in _COUNTS)
    return Queue(url, waiting, timedelta(seconds=int(found[_RETENTION])))


@contextmanager
def held(aws: Aws, queue: Queue, limit: int, seconds: int) -> Iterator[list[Message]]:
    """Hold the queue's messages, ``limit`` at most, each once; give back what was not deleted.

    Others see none of them for ``seconds``, or until the block ends
    (``sqs:ReceiveMessage``, ``sqs:ChangeMessageVisibility``).
    """
    messages: dict[str, Message] = {}
    try:
        while len(messages) < limit:
            received = _receive(aws, queue, min(A_CALL, limit - len(messages)), seconds)
            # SQS may give a message twice; what was held for too long comes again, too. By its last
            # receipt alone it is deleted for certain.
            new = set(received) - set(messages)
            messages |= received
            if not new:
                break
        yield list(messages.values())
    finally:
        _give_back(aws, queue, list(messages.values()))


def hold(aws: Aws, queue: Queue, message: Message, seconds: int) -> None:
    """Hide a message that is held for ``seconds`` from now on, if it still is there."""
    with suppress(ClientError):  # in others' hands since: whatever is done with it is done twice
        aws.client("sqs").change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=message.handle, VisibilityTimeout=seconds
        )


def delete(aws: Aws, queue: Queue, message: Message) -> None:
    """Delete a message that is held; one that is gone already is no error."""
    try:
        aws.client("sqs").delete_message(QueueUrl=queue.url, ReceiptHandle=message.handle)
    except ClientError as error:
        if error_code(error) not in _STALE:
            raise


def _receive(aws: Aws, queue: Queue, number: int, seconds: int) -> dict[str, Message]:
    answer = aws.client("sqs").receive_message(
        QueueUrl=queue.url,
        MaxNumberOfMessages=number,
        VisibilityTimeout=seconds,
        WaitTimeSeconds=_POLL_SECONDS,
        MessageSystemAttributeNames=["SentTimestamp"],
    )
    return {each["MessageId"]: _message(each, queue) for each in answer.get("Messages", [])}


def _message(received: Mapping[str, Any], queue: Queue) -> Message:
    milliseconds = int(received["Attributes"]["SentTimestamp"])
    sent = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return Message(
        id=received["MessageId"],
        body=received["Body"],
        sent=sent,
        expires=sent + queue.retention,
        handle=received["ReceiptHandle"],
    )


def _give_back(aws: Aws, queue: Queue, messages: Sequence[Message]) -> None:
    """Show the messages to others again; of those deleted meanwhile SQS only says so."""
    for start in range(0, len(messages), A_CALL):
        entries = [
            {"Id": str(number), "ReceiptHandle": message.handle, "VisibilityTimeout": 0}
            for number, message in enumerate(messages[start : start + A_CALL])
        ]
        with suppress(ClientError):  # they come back by themselves, a little later
            aws.client("sqs").change_message_visibility_batch(QueueUrl=queue.url, Entries=entries)
