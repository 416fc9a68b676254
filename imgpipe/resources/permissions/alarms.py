"""What it takes to tell somebody: the topic, its subscription, the alarms."""

from __future__ import annotations

from imgpipe.aws.actions import allow
from imgpipe.resources.alarm import Alarm
from imgpipe.resources.permissions._of import Permissions, permissions
from imgpipe.resources.subscription import Subscription
from imgpipe.resources.topic import Topic


@permissions.register
def _topic(topic: Topic) -> Permissions:
    """Tags given at creation ask for the right to tag."""
    return Permissions(
        read=allow("sns", topic.name, "ListTagsForResource"),
        create=allow("sns", topic.name, "CreateTopic", "TagResource"),
        update=allow("sns", topic.name, "TagResource"),
        delete=allow("sns", topic.name, "DeleteTopic"),
    )


@permissions.register
def _subscription(subscription: Subscription) -> Permissions:
    """All rights are to the topic."""
    topic = subscription.topic.name
    return Permissions(
        read=allow("sns", topic, "ListTagsForResource", "ListSubscriptionsByTopic"),
        create=allow("sns", topic, "Subscribe"),
    )


@permissions.register
def _alarm(alarm: Alarm) -> Permissions:
    """Alarms are described by name, and the right to it is to their own ARNs."""
    return Permissions(
        read=allow("cloudwatch", alarm.name, "DescribeAlarms", "ListTagsForResource"),
        create=allow("cloudwatch", alarm.name, "PutMetricAlarm", "TagResource"),
        update=allow("cloudwatch", alarm.name, "PutMetricAlarm", "TagResource"),
        delete=allow("cloudwatch", alarm.name, "DeleteAlarms"),
    )
