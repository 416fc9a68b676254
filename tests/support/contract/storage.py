"""Where pictures, rows, lines and failures are kept, and what is put on a bucket."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from handler.page_settings import PageSettings
from handler.schema import SOURCE_INDEX
from imgpipe.engine.resource import OWNER_TAG
from imgpipe.gallery.page import page_files
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_notification import CREATED, RULE_ID, BucketNotification
from imgpipe.resources.bucket_policy import BucketPolicy
from imgpipe.resources.index_page import IndexPage
from imgpipe.resources.log_group import LogGroup
from imgpipe.resources.queue import Queue
from imgpipe.resources.table import Table
from tests.support.contract import TAGS, Case, Drift
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

FUNCTION_ARN: Final = "arn:aws:lambda:eu-west-1:123456789012:function:resize"
_OWNER_ALONE: Final = [{"Key": OWNER_TAG, "Value": "default"}]
# In the account's own namespace: a 403 on it cannot mean that it is somebody else's.
PICTURES: Final = Bucket("pictures-123456789012-eu-west-1-an", TAGS)
_QUEUE: Final = "failures"
_TABLE: Final = "Pictures"
_GROUP: Final = "/aws/lambda/resize"


def _s3(operation: str, **parameters: Any) -> Any:
    """Return what calls this operation on the bucket."""
    return lambda aws: getattr(aws.client("s3"), operation)(Bucket=PICTURES.name, **parameters)


def disown_bucket(aws: Aws) -> None:
    """Make the bucket somebody else's."""
    _s3("put_bucket_tagging", Tagging={"TagSet": [{"Key": "team", "Value": "theirs"}]})(aws)


def _make_bucket(aws: Aws) -> None:
    _s3("create_bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})(aws)


BUCKET = Case(
    PICTURES,
    (),
    {
        "public access": Drift(_s3("delete_public_access_block"), ("PutPublicAccessBlock",)),
        "ownership": Drift(
            _s3("delete_bucket_ownership_controls"), ("PutBucketOwnershipControls",)
        ),
        "encryption": Drift(_s3("delete_bucket_encryption"), ("PutBucketEncryption",)),
        "unfinished uploads": Drift(
            _s3("delete_bucket_lifecycle"), ("PutBucketLifecycleConfiguration",)
        ),
        "tag": Drift(
            _s3("put_bucket_tagging", Tagging={"TagSet": _OWNER_ALONE}), ("PutBucketTagging",)
        ),
    },
    remove=_s3("delete_bucket"),
    theirs=_make_bucket,
)


def _without_statement(sid: str, aws: Aws) -> None:
    policy = json.loads(_s3("get_bucket_policy")(aws)["Policy"])
    policy["Statement"] = [each for each in policy["Statement"] if each["Sid"] != sid]
    _s3("put_bucket_policy", Policy=json.dumps(policy))(aws)


_DISTRIBUTION = Given(
    "distribution", (("Arn", "arn:aws:cloudfront::123456789012:distribution/E1"),)
)
BUCKET_POLICY = Case(
    BucketPolicy("policy", bucket=PICTURES, distribution=_DISTRIBUTION),
    (PICTURES, _DISTRIBUTION),
    {
        sid: Drift(partial(_without_statement, sid), ("PutBucketPolicy",))
        for sid in ("ImgpipeTlsOnly", "ImgpipeCloudFrontRead")
    },
    remove=_s3("delete_bucket_policy"),
    theirs=disown_bucket,
)


def _put_rule(**change: object) -> Any:
    rule = {"Id": RULE_ID, "LambdaFunctionArn": _ALIAS_ARN, "Events": [*CREATED], **change}
    return _put_rules([rule])


def _put_rules(rules: list[dict[str, object]]) -> Any:
    return _s3(
        "put_bucket_notification_configuration",
        NotificationConfiguration={"LambdaFunctionConfigurations": rules},
    )


_ALIAS_ARN: Final = f"{FUNCTION_ARN}:live"
_ALIAS = Given("live", (("AliasArn", _ALIAS_ARN),))
_FIRST = tuple(Given(name) for name in ("permission", "failure queue"))
_PUT_RULES = ("PutBucketNotificationConfiguration",)
BUCKET_NOTIFICATION = Case(
    BucketNotification(RULE_ID, PICTURES, _ALIAS, *_FIRST),
    (PICTURES, _ALIAS, *_FIRST),
    {
        "function": Drift(_put_rule(LambdaFunctionArn=f"{FUNCTION_ARN}-other"), _PUT_RULES),
        "no alias": Drift(_put_rule(LambdaFunctionArn=FUNCTION_ARN), _PUT_RULES),
        "events": Drift(_put_rule(Events=["s3:ObjectCreated:Put"]), _PUT_RULES),
        "filter": Drift(
            _put_rule(Filter={"Key": {"FilterRules": [{"Name": "suffix", "Value": ".jpg"}]}}),
            _PUT_RULES,
        ),
    },
    remove=_put_rules([]),
    theirs=disown_bucket,
)

_KEYS: Final = tuple(page_files(PageSettings(), None))
_STYLE: Final = "gallery/style.css"
_PAGE = {
    "Key": _STYLE,
    "Body": b"by hand",
    "Metadata": {"imgpipe-page": "part"},
    **page_files(PageSettings(), None)[_STYLE].headers,
    "ChecksumAlgorithm": "SHA256",
}


def _page_without(name: str) -> Drift:
    kept = {key: value for key, value in _PAGE.items() if key != name}
    return Drift(_s3("put_object", **kept), ("PutObject",))


def _remove_page(aws: Aws) -> None:
    for key in _KEYS:
        _s3("delete_object", Key=key)(aws)


INDEX_PAGE = Case(
    IndexPage("index.html", bucket=PICTURES),
    (PICTURES,),
    {
        "other bytes": Drift(_s3("put_object", **_PAGE), ("PutObject",)),
        "no type": _page_without("ContentType"),
        "no caching": _page_without("CacheControl"),
        "no checksum": _page_without("ChecksumAlgorithm"),
        "a file gone": Drift(_s3("delete_object", Key=_STYLE), ("PutObject", "PutObject")),
        "the entry gone": Drift(_s3("delete_object", Key="index.html"), ("PutObject",)),
    },
    remove=_remove_page,
    theirs=disown_bucket,
)


def _table(operation: str, **parameters: Any) -> Any:
    return lambda aws: getattr(aws.client("dynamodb"), operation)(TableName=_TABLE, **parameters)


def _untag_table(aws: Aws) -> None:
    arn = _table("describe_table")(aws)["Table"]["TableArn"]
    aws.client("dynamodb").untag_resource(ResourceArn=arn, TagKeys=["team"])


def _stream(view: str) -> Drift:
    """Close the stream, and open another where it tells something."""

    def by_hand(aws: Aws) -> None:
        _table("update_table", StreamSpecification={"StreamEnabled": False})(aws)
        if view:
            opened = {"StreamEnabled": True, "StreamViewType": view}
            _table("update_table", StreamSpecification=opened)(aws)

    return Drift(by_hand, ("UpdateTable",) * (2 if view else 1))


TABLE = Case(
    Table(_TABLE, TAGS, deletion_protection=False),
    (),
    {
        "recovery": Drift(
            _table(
                "update_continuous_backups",
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
            ),
            ("UpdateContinuousBackups",),
        ),
        "billing": Drift(
            _table(
                "update_table",
                BillingMode="PROVISIONED",
                ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            ),
            ("UpdateTable",),
        ),
        "protection": Drift(
            _table("update_table", DeletionProtectionEnabled=True), ("UpdateTable",)
        ),
        "tag": Drift(_untag_table, ("TagResource",)),
        "no stream": _stream(""),
        "stream of keys": _stream("KEYS_ONLY"),
        "index": Drift(
            _table(
                "update_table",
                GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": SOURCE_INDEX}}],
            ),
            ("UpdateTable",),
        ),
    },
    remove=_table("delete_table"),
    theirs=_table(
        "create_table",
        KeySchema=[{"AttributeName": "filename", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "filename", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    ),
)


def _queue(operation: str, **parameters: Any) -> Any:
    def call(aws: Aws) -> None:
        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName=_QUEUE)["QueueUrl"]
        getattr(sqs, operation)(QueueUrl=url, **parameters)

    return call


def _queue_attribute(name: str, value: str) -> Drift:
    return Drift(_queue("set_queue_attributes", Attributes={name: value}), ("SetQueueAttributes",))


QUEUE = Case(
    Queue(_QUEUE, TAGS),
    (),
    {
        "retention": _queue_attribute("MessageRetentionPeriod", "60"),
        "encryption": _queue_attribute("SqsManagedSseEnabled", "false"),
        "tag": Drift(_queue("untag_queue", TagKeys=["team"]), ("TagQueue",)),
    },
    remove=_queue("delete_queue"),
    theirs=lambda aws: aws.client("sqs").create_queue(QueueName=_QUEUE),
)


def _logs(operation: str, **parameters: Any) -> Any:
    return lambda aws: getattr(aws.client("logs"), operation)(**parameters)


LOG_GROUP = Case(
    LogGroup(_GROUP, TAGS, retention_days=14),
    (),
    {
        "retention": Drift(
            _logs("put_retention_policy", logGroupName=_GROUP, retentionInDays=30),
            ("PutRetentionPolicy",),
        ),
        "kept for ever": Drift(
            _logs("delete_retention_policy", logGroupName=_GROUP), ("PutRetentionPolicy",)
        ),
        "tag": Drift(
            _logs(
                "untag_resource",
                resourceArn=f"arn:aws:logs:eu-west-1:123456789012:log-group:{_GROUP}",
                tagKeys=["team"],
            ),
            ("TagResource",),
        ),
    },
    remove=_logs("delete_log_group", logGroupName=_GROUP),
    theirs=_logs("create_log_group", logGroupName=_GROUP),
)
CASES = (BUCKET, BUCKET_POLICY, BUCKET_NOTIFICATION, INDEX_PAGE, TABLE, QUEUE, LOG_GROUP)
