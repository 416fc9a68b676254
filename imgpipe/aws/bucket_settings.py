"""The settings of a bucket, one S3 call each, to and from CloudFormation's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from imgpipe.aws.errors import or_none
from imgpipe.aws.tags import tag_dict, tag_list

# boto3 makes its client classes at run time.
Client = Any
_Rule = dict[str, Any]

SWITCHES: Final = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)
_LIFECYCLE_RULE: Final = "imgpipe-unfinished-uploads"
# Parts of an upload that was killed are billed until somebody aborts it.
_UNFINISHED_UPLOAD_DAYS: Final = 7


def desired_settings() -> dict[str, Any]:
    """Return the four switches, objects' ownership, SSE-S3 and our lifecycle rule."""
    return {
        "PublicAccessBlockConfiguration": dict.fromkeys(SWITCHES, True),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "BucketEncryption": _encryption("AES256"),
        "LifecycleConfiguration": {"Rules": [_unfinished_uploads_rule()]},
    }


def read_settings(s3: Client, name: str) -> dict[str, Any]:
    """Return the live settings of bucket ``name``, and its tags, in the same words."""
    bucket = {"Bucket": name}
    block = or_none(lambda: s3.get_public_access_block(**bucket)) or {}
    ownership = or_none(lambda: s3.get_bucket_ownership_controls(**bucket)) or {}
    encryption = or_none(lambda: s3.get_bucket_encryption(**bucket)) or {}
    return {
        "PublicAccessBlockConfiguration": block.get("PublicAccessBlockConfiguration", {}),
        "OwnershipControls": ownership.get("OwnershipControls", {}),
        "BucketEncryption": _read_encryption(
            encryption.get("ServerSideEncryptionConfiguration", {})
        ),
        "LifecycleConfiguration": {"Rules": _our_rules(_lifecycle_rules(s3, name))},
        "Tags": _tags(s3, name),
    }


def _encryption(algorithm: str) -> dict[str, Any]:
    return {
        "ServerSideEncryptionConfiguration": [
            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
        ]
    }


def _read_encryption(configuration: Mapping[str, Any]) -> dict[str, Any]:
    rules = configuration.get("Rules") or [{}]
    return _encryption(
        rules[0].get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "")
    )


def _tags(s3: Client, name: str) -> dict[str, str]:
    answer = or_none(lambda: s3.get_bucket_tagging(Bucket=name)) or {"TagSet": []}
    return tag_dict(answer["TagSet"])


def _put_public_access_block(s3: Client, name: str, value: Mapping[str, bool]) -> None:
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=value)


def _put_ownership(s3: Client, name: str, value: Mapping[str, Any]) -> None:
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=value)


def _put_encryption(s3: Client, name: str, value: Mapping[str, Any]) -> None:
    rule = {
        "ApplyServerSideEncryptionByDefault": value["ServerSideEncryptionConfiguration"][0][
            "ServerSideEncryptionByDefault"
        ]
    }
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _unfinished_uploads_rule() -> _Rule:
    return {
        "Id": _LIFECYCLE_RULE,
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _UNFINISHED_UPLOAD_DAYS},
    }


def _lifecycle_rules(s3: Client, name: str) -> list[_Rule]:
    answer = or_none(lambda: s3.get_bucket_lifecycle_configuration(Bucket=name)) or {}
    return list(answer.get("Rules", []))


def _our_rules(rules: Sequence[_Rule]) -> list[_Rule]:
    """Return our rule in CloudFormation's words; there the whole bucket needs no filter."""
    return [_renamed(rule) for rule in rules if rule.get("ID") == _LIFECYCLE_RULE]


def _renamed(rule: _Rule) -> _Rule:
    whole_bucket: tuple[Any, ...] = ({}, {"Prefix": ""}, "")
    renamed = {("Id" if name == "ID" else name): value for name, value in rule.items()}
    return {name: value for name, value in renamed.items() if value not in whole_bucket}


def _put_lifecycle(s3: Client, name: str, value: Mapping[str, Any]) -> None:
    # Putting replaces every rule of the bucket, so those of others are sent along.
    others = [rule for rule in _lifecycle_rules(s3, name) if rule.get("ID") != _LIFECYCLE_RULE]
    ours = [
        {**{k: v for k, v in rule.items() if k != "Id"}, "ID": rule["Id"], "Filter": {"Prefix": ""}}
        for rule in value["Rules"]
    ]
    s3.put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": [*others, *ours]}
    )


def _put_tags(s3: Client, name: str, value: Mapping[str, str]) -> None:
    # PutBucketTagging replaces the whole set, and tags of others are theirs to keep.
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list({**_tags(s3, name), **value})})


PUT: Final[Mapping[str, Callable[[Client, str, Any], None]]] = {
    "PublicAccessBlockConfiguration": _put_public_access_block,
    "OwnershipControls": _put_ownership,
    "BucketEncryption": _put_encryption,
    "LifecycleConfiguration": _put_lifecycle,
    "Tags": _put_tags,
}
