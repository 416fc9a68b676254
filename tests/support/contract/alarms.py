"""What tells somebody: the topic, the address it writes to, and an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from imgpipe.engine.resource import Live
from imgpipe.resources.alarm import Alarm, Metric
from imgpipe.resources.subscription import Subscription
from imgpipe.resources.topic import Topic
from tests.support.contract import TAGS, Case, Drift
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_TOPIC: Final = Topic("alarms", TAGS)
_ARN: Final = "arn:aws:sns:eu-west-1:123456789012:alarms"


def _sns(operation: str, **parameters: Any) -> Any:
    return lambda aws: getattr(aws.client("sns"), operation)(**parameters)


def _untag(*keys: str) -> Any:
    return _sns("untag_resource", ResourceArn=_ARN, TagKeys=list(keys))


TOPIC = Case(
    _TOPIC,
    (),
    {"tag": Drift(_untag("team"), ("TagResource",))},
    remove=_sns("delete_topic", TopicArn=_ARN),
    theirs=_sns("create_topic", Name="alarms"),
)


def _unsubscribe(aws: Aws) -> None:
    sns = aws.client("sns")
    for each in sns.list_subscriptions_by_topic(TopicArn=_ARN)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


SUBSCRIPTION = Case(
    Subscription("me@example.com", _TOPIC),
    (_TOPIC,),
    {},
    remove=_unsubscribe,
    theirs=_untag("imgpipe:stage", "team"),
)

_GIVEN = Given("alarms", (("Arn", _ARN),))
_ALARM: Final = Alarm(
    "resize errors",
    TAGS,
    topic=_GIVEN,
    what="errors",
    description="many tries fail",
    metric=Metric("AWS/Lambda", "Errors", ("FunctionName", "resize"), "Sum", 900),
    threshold=10.0,
)
_ALARM_ARN: Final = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:resize errors"


def _put(aws: Aws, **change: Any) -> None:
    settings = dict(_ALARM.properties(Live({_GIVEN: dict(_GIVEN.attributes)})))
    settings.pop("Tags")
    put = aws.client("cloudwatch").put_metric_alarm
    put(AlarmName=_ALARM.name, **{**settings, **change})


def _changed(**change: Any) -> Drift:
    return Drift(lambda aws: _put(aws, **change), ("PutMetricAlarm",))


def _untag_alarm(aws: Aws) -> None:
    aws.client("cloudwatch").untag_resource(ResourceARN=_ALARM_ARN, TagKeys=["team"])


ALARM = Case(
    _ALARM,
    (_GIVEN,),
    {
        "threshold": _changed(Threshold=99.0),
        "nobody told": _changed(AlarmActions=[]),
        "switched off": _changed(ActionsEnabled=False),
        "silence": _changed(TreatMissingData="breaching"),
        "tag": Drift(_untag_alarm, ("TagResource",)),
    },
    remove=lambda aws: aws.client("cloudwatch").delete_alarms(AlarmNames=[_ALARM.name]),
    theirs=_put,
)
CASES = (TOPIC, SUBSCRIPTION, ALARM)
