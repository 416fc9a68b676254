"""The address that the alarms' topic writes to.

SNS asks the owner of the address first. One that is not confirmed cannot be unsubscribed, and goes
with its topic: https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from imgpipe.aws.errors import or_none
from imgpipe.engine.resource import InseparablePart, Live, Properties, Resource

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_EMAIL: Final = "email"
# What stands in the ARN's place: https://docs.aws.amazon.com/sns/latest/api/API_Subscription.html
_PENDING: Final = "PendingConfirmation"


@dataclass(frozen=True)
class Subscription(InseparablePart):
    """The subscription of the address ``name`` to ``topic``. Read-only: ``Confirmed``."""

    type: ClassVar[str] = "AWS::SNS::Subscription"
    title: ClassVar[str] = "address for alarms"
    topic: Resource

    @property
    def owner(self) -> Resource:
        """The topic."""
        return self.topic

    def properties(self, live: Live) -> Properties:
        """Return where it writes to, and how."""
        return {"Protocol": _EMAIL, "Endpoint": self.name}

    def read(self, aws: Aws) -> Properties | None:
        """Return the subscription of this address; those of others are theirs."""
        topic = self.topic.read(aws)
        if topic is None:
            return None
        pages = aws.client("sns").get_paginator("list_subscriptions_by_topic")
        listed = or_none(
            lambda: [
                each
                for page in pages.paginate(TopicArn=topic["Arn"])
                for each in page["Subscriptions"]
            ]
        )
        for each in listed or ():
            if (each["Protocol"], each["Endpoint"]) == (_EMAIL, self.name):
                confirmed = each["SubscriptionArn"] != _PENDING
                return {**self.properties(Live()), "Confirmed": confirmed}
        return None

    def create(self, aws: Aws, desired: Properties) -> None:
        """Let SNS ask the address; asked twice it is subscribed once."""
        topic = self.topic.read(aws) or {}
        aws.client("sns").subscribe(TopicArn=topic["Arn"], Protocol=_EMAIL, Endpoint=self.name)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Do nothing: another address is another subscription."""
