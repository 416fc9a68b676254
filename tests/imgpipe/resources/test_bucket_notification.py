"""BucketNotification: our rule among those of others, as soon as S3 sees the permission."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.engine.graph import Action
from imgpipe.errors import NotOursError, ServiceError
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_notification import CREATED, REMOVED, RULE_ID, BucketNotification
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Resource
    from tests.support.account import Clock, Engine, Faults, Sent

pytestmark = pytest.mark.slow

ALIAS = "arn:aws:lambda:eu-west-1:123456789012:function:ImageProcessingFunction:live"
PUT = "PutBucketNotificationConfiguration"
NOT_VALID_YET = ("InvalidArgument", "Unable to validate the following destination configurations")
OVERLAP = (
    "InvalidArgument",
    "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
)


@pytest.fixture
def needed(tags: tuple[tuple[str, str], ...]) -> tuple[Resource, ...]:
    """What the notification waits for, the bucket first."""
    return (
        Bucket("pictures", tags),
        Given("live", (("AliasArn", ALIAS),)),
        Given("permission"),
        Given("failures"),
    )


@pytest.fixture
def notification(needed: tuple[Resource, ...]) -> BucketNotification:
    """The rule."""
    bucket, alias, permission, failures = needed
    assert isinstance(bucket, Bucket)
    return BucketNotification(
        RULE_ID,
        bucket=bucket,
        alias=alias,
        permission=permission,
        failures=failures,
    )


@pytest.fixture
def theirs(aws: Aws, engine: Engine, needed: tuple[Resource, ...]) -> dict[str, Any]:
    """Rules of every kind that somebody else put on the bucket."""
    engine.setup(needed[0])
    queue = aws.client("sqs").create_queue(QueueName="theirs")["QueueUrl"]
    arn = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    topic = aws.client("sns").create_topic(Name="theirs")["TopicArn"]
    rules = {
        "QueueConfigurations": [{"Id": "q", "QueueArn": arn, "Events": ["s3:ObjectRemoved:*"]}],
        "TopicConfigurations": [{"Id": "t", "TopicArn": topic, "Events": ["s3:ObjectRestore:*"]}],
        "LambdaFunctionConfigurations": [
            {"Id": "l", "LambdaFunctionArn": f"{ALIAS}s", "Events": ["s3:ObjectTagging:*"]}
        ],
        "EventBridgeConfiguration": {},
    }
    aws.client("s3").put_bucket_notification_configuration(
        Bucket="pictures", NotificationConfiguration=rules
    )
    return _configuration(aws)


def _configuration(aws: Aws) -> dict[str, Any]:
    answer = aws.client("s3").get_bucket_notification_configuration(Bucket="pictures")
    return {kind: rules for kind, rules in answer.items() if kind != "ResponseMetadata"}


def test_removals_are_told_of_where_they_are_followed(
    engine: Engine, needed: tuple[Resource, ...], notification: BucketNotification, aws: Aws
) -> None:
    """In the one rule, in whatever order S3 gives its events back; a trigger of old is widened."""
    engine.setup(notification, *needed)
    wide = replace(notification, events=CREATED + REMOVED)
    again = engine.setup(wide, *needed)
    assert (again.action, again.calls) == (Action.UPDATE, [PUT])
    rules = aws.client("s3").get_bucket_notification_configuration(Bucket="pictures")
    (rule,) = rules["LambdaFunctionConfigurations"]
    assert set(rule["Events"]) == {*CREATED, *REMOVED}
    assert engine.setup(wide, *needed).action is Action.NONE


def test_waits_for_all_it_needs(
    notification: BucketNotification, needed: tuple[Resource, ...]
) -> None:
    """Permission, self-test and failure queue are there before a picture can start the function."""
    assert notification.dependencies == needed


def test_create_wires_every_new_object_to_the_function(
    aws: Aws, engine: Engine, notification: BucketNotification, needed: tuple[Resource, ...]
) -> None:
    """One rule, without a filter."""
    assert engine.setup(notification, *needed).action is Action.CREATE
    assert _configuration(aws)["LambdaFunctionConfigurations"] == [
        {"Id": RULE_ID, "LambdaFunctionArn": ALIAS, "Events": [*CREATED]}
    ]


def test_rules_of_others_survive(
    aws: Aws,
    engine: Engine,
    notification: BucketNotification,
    needed: tuple[Resource, ...],
    theirs: dict[str, Any],
) -> None:
    """Queue, topic, function and EventBridge rules stay when ours comes, and when it goes."""
    engine.setup(notification, *needed)
    ours = {"Id": RULE_ID, "LambdaFunctionArn": ALIAS, "Events": [*CREATED]}
    assert _configuration(aws) == {
        **theirs,
        "LambdaFunctionConfigurations": [*theirs["LambdaFunctionConfigurations"], ours],
    }
    notification.delete(aws, {})
    assert _configuration(aws) == theirs
    assert notification.read(aws) is None


def test_deletion_does_not_ask_s3_to_check_rules_of_others(
    aws: Aws,
    engine: Engine,
    notification: BucketNotification,
    needed: tuple[Resource, ...],
    sent: Sent,
) -> None:
    """A rule of somebody else's whose target is gone must not keep ours in place."""
    engine.setup(notification, *needed)
    notification.delete(aws, {})
    creation, deletion = sent.of(PUT)
    assert "SkipDestinationValidation" not in creation
    assert deletion["SkipDestinationValidation"] is True


def test_a_permission_s3_does_not_see_yet_is_waited_for(
    engine: Engine,
    notification: BucketNotification,
    needed: tuple[Resource, ...],
    faults: Faults,
    clock: Clock,
) -> None:
    """The refusal that comes under propagation lag, and OperationAborted, pass."""
    faults.fail(PUT, *NOT_VALID_YET, times=5)
    faults.fail(PUT, "OperationAborted", status=409)
    assert engine.setup(notification, *needed).action is Action.CREATE
    assert len(clock.naps) == 6


def test_a_permission_s3_never_sees_is_given_up_on_after_two_minutes(
    engine: Engine,
    notification: BucketNotification,
    needed: tuple[Resource, ...],
    faults: Faults,
    clock: Clock,
) -> None:
    """The wait is bounded, and AWS's own words come out."""
    faults.fail(PUT, *NOT_VALID_YET, times=1000)
    with pytest.raises(ServiceError, match="Unable to validate"):
        engine.setup(notification, *needed)
    assert 120 <= clock() <= 126


def test_an_overlapping_rule_of_others_is_a_clear_error(
    engine: Engine,
    notification: BucketNotification,
    needed: tuple[Resource, ...],
    faults: Faults,
    clock: Clock,
) -> None:
    """S3 allows one rule for an event: it is said at once, without waiting, and says what to do."""
    faults.fail(PUT, *OVERLAP)
    with pytest.raises(
        NotOursError, match="bucket pictures already sends its new objects to somebody else"
    ) as caught:
        engine.setup(notification, *needed)
    assert "remove that rule" in caught.value.hint
    assert clock.naps == []


def test_the_event_is_one_s3_knows(aws: Aws) -> None:
    """The event's name is in S3's own list."""
    known = aws.client("s3").meta.service_model.shape_for("Event").enum
    assert {*CREATED, *REMOVED} <= set(known)
