"""The SNS topic that the alarms speak to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from imgpipe.aws.errors import or_none
from imgpipe.engine.resource import Live, Properties, TaggedResource

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


@dataclass(frozen=True)
class Topic(TaggedResource):
    """A standard topic, whose own policy lets its account's alarms in. Read-only: ``Arn``."""

    type: ClassVar[str] = "AWS::SNS::Topic"
    title: ClassVar[str] = "alarm topic"

    def properties(self, live: Live) -> Properties:
        """Tags alone."""
        return {"Tags": dict(self.tags)}

    def read(self, aws: Aws) -> Properties | None:
        """Return the topic, whose ARN follows from its name (``sns:ListTagsForResource``)."""
        arn = f"arn:{aws.partition}:sns:{aws.region}:{aws.account}:{self.name}"
        found = or_none(lambda: aws.client("sns").list_tags_for_resource(ResourceArn=arn))
        if found is None:
            return None
        return {"Tags": {tag["Key"]: tag["Value"] for tag in found["Tags"]}, "Arn": arn}

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it with its tags."""
        aws.client("sns").create_topic(Name=self.name, Tags=_tag_list(desired))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Tag it."""
        live = self.read(aws) or {}
        aws.client("sns").tag_resource(ResourceArn=live["Arn"], Tags=_tag_list(desired))

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it with its subscriptions; SNS says the same of one that is gone."""
        aws.client("sns").delete_topic(TopicArn=live["Arn"])


def _tag_list(desired: Properties) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in desired["Tags"].items()]
