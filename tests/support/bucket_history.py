"""Buckets as people have them: every setting that was there before, and what is there after."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from imgpipe.aws.errors import or_none

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

KEY_ID: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN: Final = f"arn:aws:kms:eu-west-1:123456789012:key/{KEY_ID}"
QUEUE_ARN: Final = "arn:aws:sqs:eu-west-1:123456789012:theirs"
_ROLE: Final = {"AWS": "arn:aws:iam::123456789012:root"}

Choice = Mapping[str, Any] | None


def _encrypted(**default: str) -> dict[str, Any]:
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def _rule(identifier: str, **what: Any) -> dict[str, Any]:
    return {"ID": identifier, "Status": "Enabled", "Expiration": {"Days": 90}, **what}


def _switched(*on: str) -> dict[str, Any]:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return {"PublicAccessBlockConfiguration": {name: name in on for name in names}}


def _statement(sid: str, bucket: str = "old-photos") -> dict[str, Any]:
    resource = f"arn:aws:s3:::{bucket}/*"
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": _ROLE,
        "Action": "s3:GetObject",
        "Resource": resource,
    }


# S3's operation, and the parameters somebody may have given it; ``None``: never called.
HISTORIES: Final[Mapping[str, tuple[Choice, ...]]] = {
    "put_bucket_encryption": (
        # What AWS gives every bucket since 2023, and moto does not.
        _encrypted(SSEAlgorithm="AES256"),
        _encrypted(SSEAlgorithm="aws:kms"),
        _encrypted(SSEAlgorithm="aws:kms", KMSMasterKeyID=KEY_ID),
        _encrypted(SSEAlgorithm="aws:kms:dsse", KMSMasterKeyID=KEY_ARN),
    ),
    "put_bucket_versioning": (
        None,
        {"VersioningConfiguration": {"Status": "Enabled"}},
        {"VersioningConfiguration": {"Status": "Suspended"}},
    ),
    "put_bucket_lifecycle_configuration": (
        None,
        {"LifecycleConfiguration": {"Rules": [_rule("old", Filter={"Prefix": "tmp/"})]}},
        {"LifecycleConfiguration": {"Rules": [_rule("older", Prefix="tmp/")]}},
    ),
    "put_bucket_notification_configuration": (
        None,
        {
            "NotificationConfiguration": {
                "QueueConfigurations": [
                    {
                        "Id": "theirs",
                        "QueueArn": QUEUE_ARN,
                        "Events": ["s3:ObjectTagging:*"],
                        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a/"}]}},
                    }
                ]
            }
        },
        {"NotificationConfiguration": {"EventBridgeConfiguration": {}}},
    ),
    "put_bucket_policy": (
        None,
        {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [_statement("Theirs")]})},
        {
            "Policy": json.dumps(
                {"Version": "2008-10-17", "Id": "old", "Statement": [_statement("Old")]}
            )
        },
    ),
    "put_public_access_block": (
        None,
        _switched("BlockPublicAcls", "IgnorePublicAcls"),
        _switched("BlockPublicPolicy"),
        _switched(
            "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"
        ),
    ),
    "put_bucket_ownership_controls": (
        None,
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}},
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    ),
    "put_bucket_tagging": (
        None,
        {"Tagging": {"TagSet": [{"Key": "team", "Value": "theirs"}]}},
    ),
}

_ALWAYS: Final = {"put_bucket_encryption": HISTORIES["put_bucket_encryption"][0]}


def make(aws: Aws, name: str, history: Mapping[str, Choice]) -> None:
    """Make a bucket with these settings, and with objects."""
    aws.client("sqs").create_queue(QueueName="theirs")
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    for operation, parameters in {**_ALWAYS, **history}.items():
        if parameters is not None:
            getattr(s3, operation)(Bucket=name, **parameters)
    for key in ("2019/a.jpg", "2019/a.jpg", "tmp/b.jpg"):
        s3.put_object(Bucket=name, Key=key, Body=key.encode())


def everything_of(aws: Aws, name: str) -> dict[str, Any]:
    """Return all that S3 tells of the bucket: its settings and every version of its objects."""
    s3 = aws.client("s3")
    reads: tuple[Callable[..., Any], ...] = (
        s3.get_bucket_encryption,
        s3.get_bucket_versioning,
        s3.get_bucket_lifecycle_configuration,
        s3.get_bucket_notification_configuration,
        s3.get_bucket_policy,
        s3.get_public_access_block,
        s3.get_bucket_ownership_controls,
        s3.get_bucket_tagging,
        s3.list_object_versions,
    )
    found = {read.__name__: or_none(partial(read, Bucket=name)) or {} for read in reads}
    for answer in found.values():
        answer.pop("ResponseMetadata", None)
    if policy := found["get_bucket_policy"].get("Policy"):
        found["get_bucket_policy"] = json.loads(policy)
    return found
