"""The SQS queue in which the events end that the function failed on for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from imgpipe.aws.errors import already_gone, or_none
from imgpipe.engine.resource import Live, Properties, TaggedResource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

# The longest SQS allows: failures wait for somebody to look.
RETENTION_SECONDS: Final = 14 * 24 * 3600
_ATTRIBUTES: Final = ("MessageRetentionPeriod", "SqsManagedSseEnabled")


@dataclass(frozen=True)
class Queue(TaggedResource):
    """A standard queue, encrypted by SQS itself. Read-only attributes: ``Arn``, ``QueueUrl``."""

    type: ClassVar[str] = "AWS::SQS::Queue"
    title: ClassVar[str] = "failure queue"

    def properties(self, live: Live) -> Properties:
        """14 days of retention (in seconds), SSE-SQS and tags."""
        return {
            "MessageRetentionPeriod": RETENTION_SECONDS,
            "SqsManagedSseEnabled": True,
            "Tags": dict(self.tags),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the queue. For a minute after its deletion SQS may still answer for it."""
        return or_none(lambda: _describe(aws, self.name))

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it, waiting for the name of a queue just deleted to be free again."""
        create, attributes = aws.client("sqs").create_queue, _attributes(desired)
        aws.eventually(
            "sqs",
            lambda: create(QueueName=self.name, Attributes=attributes, tags=desired["Tags"]),
        )

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what ``changed`` names."""
        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
        if attributes := {
            name: value for name, value in _attributes(desired).items() if name in changed
        }:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        if "Tags" in changed:
            sqs.tag_queue(QueueUrl=url, Tags=desired["Tags"])

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it with all its messages."""
        with already_gone():
            aws.client("sqs").delete_queue(QueueUrl=live["QueueUrl"])


def _describe(aws: Aws, name: str) -> dict[str, Any]:
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", *_ATTRIBUTES])[
        "Attributes"
    ]
    return {
        "MessageRetentionPeriod": int(found["MessageRetentionPeriod"]),
        "SqsManagedSseEnabled": found.get("SqsManagedSseEnabled") == "true",
        "Tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {}),
        "Arn": found["QueueArn"],
        "QueueUrl": url,
    }


def _attributes(desired: Properties) -> Mapping[str, str]:
    """Return the attributes as SQS takes them: all of them texts."""
    return {name: str(desired[name]).lower() for name in _ATTRIBUTES}
