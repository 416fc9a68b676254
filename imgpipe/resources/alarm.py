"""A CloudWatch alarm on a metric that AWS keeps by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from imgpipe.aws.errors import already_gone
from imgpipe.engine.resource import Live, Properties, Resource, TaggedResource

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_SET: Final = (
    "AlarmDescription",
    "Namespace",
    "MetricName",
    "Dimensions",
    "Statistic",
    "Period",
    "EvaluationPeriods",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "AlarmActions",
    "ActionsEnabled",
)


@dataclass(frozen=True)
class Metric:
    """What is watched: a metric, whose it is (a dimension and its value), and how it is summed up.

    ``seconds`` is the length of the span that is looked at.
    """

    namespace: str
    name: str
    whose: tuple[str, str]
    statistic: str
    seconds: int


@dataclass(frozen=True)
class Alarm(TaggedResource):
    """An alarm that writes to ``topic`` once ``metric`` passes ``threshold``. Read-only: ``Arn``.

    What nobody measured is no reason for an alarm: a pipeline that stands idle is well.
    """

    type: ClassVar[str] = "AWS::CloudWatch::Alarm"
    topic: Resource
    what: str
    description: str
    metric: Metric
    threshold: float

    @property
    def title(self) -> str:
        """What it warns of."""
        return f"alarm on {self.what}"

    def properties(self, live: Live) -> Properties:
        """Return what is watched, from where on it is too much, and who is told."""
        metric, (dimension, value) = self.metric, self.metric.whose
        return {
            "AlarmDescription": self.description,
            "Namespace": metric.namespace,
            "MetricName": metric.name,
            "Dimensions": [{"Name": dimension, "Value": value}],
            "Statistic": metric.statistic,
            "Period": metric.seconds,
            "EvaluationPeriods": 1,
            "Threshold": self.threshold,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [live.attribute(self.topic, "Arn")],
            "ActionsEnabled": True,
            "Tags": dict(self.tags),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the alarm of exactly this name (``cloudwatch:DescribeAlarms``) with its tags."""
        client = aws.client("cloudwatch")
        found = client.describe_alarms(AlarmNames=[self.name], AlarmTypes=["MetricAlarm"])
        for alarm in found["MetricAlarms"]:
            tags = client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
            return {
                **{name: alarm.get(name) for name in _SET},
                "Tags": {tag["Key"]: tag["Value"] for tag in tags},
                "Arn": alarm["AlarmArn"],
            }
        return None

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it with its tags."""
        self._put(aws, desired, Tags=_tag_list(desired))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what it watches anew as a whole, as CloudWatch takes it; tags by themselves."""
        if changed - {"Tags"}:
            self._put(aws, desired)
        if "Tags" in changed:
            live = self.read(aws) or {}
            tag = aws.client("cloudwatch").tag_resource
            tag(ResourceARN=live["Arn"], Tags=_tag_list(desired))

    def _put(self, aws: Aws, desired: Properties, **more: Any) -> None:
        settings = {name: desired[name] for name in _SET}
        aws.client("cloudwatch").put_metric_alarm(AlarmName=self.name, **settings, **more)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it."""
        with already_gone():
            aws.client("cloudwatch").delete_alarms(AlarmNames=[self.name])


def _tag_list(desired: Properties) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in desired["Tags"].items()]
