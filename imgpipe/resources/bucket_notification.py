"""The trigger: the bucket's one rule that starts the function for new and removed objects.

While the bucket carries the tag of a paused pipeline there is to be no rule:
docs/decisions/0021-paused-is-without-a-trigger.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.bucket_settings import read_tags, remove_tags
from imgpipe.aws.errors import already_gone, error_code, error_text, or_none
from imgpipe.engine.resource import PAUSED_TAG, Live, OwnedPart, Properties, Resource
from imgpipe.errors import NotOursError
from imgpipe.resources.bucket import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgpipe.aws.account import Aws

Configuration = dict[str, Any]

RULE_ID: Final = "imgpipe"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
CREATED: Final = ("s3:ObjectCreated:*",)
# Delete markers are told of by the first, what a lifecycle rule removes by the second.
REMOVED: Final = ("s3:ObjectRemoved:*", "s3:LifecycleExpiration:*")
_RULES: Final = "LambdaFunctionConfigurations"
_KINDS: Final = (_RULES, "QueueConfigurations", "TopicConfigurations")


@dataclass(frozen=True)
class BucketNotification(OwnedPart):
    """Our rule among ``bucket``'s notifications, known by its ``Id``.

    In CloudFormation it is a property of the bucket. ``permission`` and ``failures`` only have to
    be there first: S3 checks that it may invoke ``alias``, and no picture may start a function
    whose failures would be lost.
    """

    type: ClassVar[str] = "AWS::S3::BucketNotification"
    title: ClassVar[str] = "upload trigger"
    bucket: Bucket
    alias: Resource
    permission: Resource
    failures: Resource
    events: tuple[str, ...] = field(default=CREATED, kw_only=True)

    @property
    def owner(self) -> Resource:
        """The bucket."""
        return self.bucket

    def properties(self, live: Live) -> Properties:
        """Return the rule, or that there is none while the bucket says that all is paused."""
        paused = PAUSED_TAG in live.get(self.bucket, {}).get("Tags", {})
        return PAUSED if paused else self.wired(live)

    def wired(self, live: Live) -> Properties:
        """Return the rule: all ``events`` of the bucket, unfiltered, to the alias."""
        function = live.attribute(self.alias, "AliasArn")
        return _properties([{"Event": _joined(self.events), "Function": function}])

    def read(self, aws: Aws) -> Properties | None:
        """Return our rule, whatever it has become, ``PAUSED``, or ``None`` where there is none."""
        rules = [
            _read_rule(rule)
            for rule in _configuration(aws, self.bucket.name).get(_RULES, [])
            if rule.get("Id") == RULE_ID
        ]
        if rules:
            return _properties(rules)
        return PAUSED if PAUSED_TAG in read_tags(aws.client("s3"), self.bucket.name) else None

    def require_room(self, aws: Aws) -> None:
        """Raise ``NotOursError`` where a rule of the bucket's owner already takes these events."""
        found = _configuration(aws, self.bucket.name)
        rules = [rule for kind in _KINDS for rule in found.get(kind, [])]
        taken = [event for rule in rules if rule.get("Id") != RULE_ID for event in rule["Events"]]
        if any(_same_event(ours, theirs) for ours in self.events for theirs in taken):
            raise _occupied(self.bucket.name)

    def create(self, aws: Aws, desired: Properties) -> None:
        """Put our rule beside those of others.

        Raises:
            NotOursError: a rule of somebody else's already takes these events.
        """
        rules = [
            _rule(each) for each in desired["NotificationConfiguration"]["LambdaConfigurations"]
        ]
        try:
            aws.eventually("s3", lambda: _put(aws, self.bucket.name, rules))
        except ClientError as error:
            if _overlapping(error):
                raise _occupied(self.bucket.name) from error
            raise

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Put our rule in the place of what it has become."""
        self.create(aws, desired)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Take our rule out and leave those of others, even such as S3 would no longer accept.

        What is gone is not paused any more.
        """
        with already_gone():
            if live == PAUSED:
                remove_tags(aws.client("s3"), self.bucket.name, PAUSED_TAG)
            aws.eventually(
                "s3", lambda: _put(aws, self.bucket.name, [], SkipDestinationValidation=True)
            )


def _properties(rules: Sequence[Configuration]) -> Properties:
    return {"NotificationConfiguration": {"LambdaConfigurations": list(rules)}}


PAUSED: Final = _properties([])
"""The trigger of a pipeline that is paused."""


def _joined(events: Iterable[str]) -> str:
    return ",".join(sorted(events))


def _rule(rule: Configuration) -> Configuration:
    events = rule["Event"].split(",")
    return {"Id": RULE_ID, "Events": events, "LambdaFunctionArn": rule["Function"]}


def _read_rule(rule: Configuration) -> Configuration:
    """Return an S3 rule in CloudFormation's words; a filter somebody put on it is a difference."""
    found = {"Event": _joined(rule["Events"]), "Function": rule["LambdaFunctionArn"]}
    return {**found, "Filter": rule["Filter"]} if rule.get("Filter") else found


def _configuration(aws: Aws, bucket: str) -> Configuration:
    answer = (
        or_none(lambda: aws.client("s3").get_bucket_notification_configuration(Bucket=bucket)) or {}
    )
    return {kind: rules for kind, rules in answer.items() if kind != "ResponseMetadata"}


def _put(aws: Aws, bucket: str, ours: Sequence[Configuration], **options: bool) -> None:
    # Putting replaces every rule of the bucket, so those of others are sent along.
    found = _configuration(aws, bucket)
    theirs = [rule for rule in found.get(_RULES, []) if rule.get("Id") != RULE_ID]
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={**found, _RULES: [*theirs, *ours]}, **options
    )


def _same_event(ours: str, theirs: str) -> bool:
    """Say whether S3 takes the two for overlapping; ours ends in ``*``, and has no filter."""
    return theirs.startswith(ours.removesuffix("*"))


def _overlapping(error: ClientError) -> bool:
    """Say whether another rule takes these events; S3's code alone does not tell."""
    return error_code(error) == "InvalidArgument" and "overlap" in error_text(error)


def _occupied(bucket: str) -> NotOursError:
    return NotOursError(
        f"bucket {bucket} already sends its new objects to somebody else, "
        "and S3 allows one rule for them",
        hint="remove that rule from the bucket, or choose another source bucket",
    )
