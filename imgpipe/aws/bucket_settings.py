"""The settings of a bucket, one S3 call each, to and from CloudFormation's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import error_code, or_none
from imgpipe.aws.tags import tag_dict, tag_list
from imgpipe.errors import ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# boto3 makes its client classes at run time.
Client = Any
_Rule = dict[str, Any]

SWITCHES: Final = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)
_KMS: Final = "aws:kms"
_RULES: Final = "Rules"
_SIZES: Final = "TransitionDefaultMinimumObjectSize"
_EVERYTHING: Final = {"Filter": {"Prefix": ""}}
_LIFECYCLE_RULE: Final = "imgpipe-unfinished-uploads"
# Parts of an upload that was killed are billed until somebody aborts it.
_UNFINISHED_UPLOAD_DAYS: Final = 7


def desired_settings() -> dict[str, Any]:
    """Return the four switches, objects' ownership, SSE-S3 and our lifecycle rule."""
    return {
        "PublicAccessBlockConfiguration": dict.fromkeys(SWITCHES, True),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "BucketEncryption": _encryption({"SSEAlgorithm": "AES256"}),
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
        "Tags": read_tags(s3, name),
    }


def stronger_encryption(live: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bucket's encryption if KMS has a part in it; else nothing."""
    found = live["BucketEncryption"]
    return {"BucketEncryption": found} if _default(found)["SSEAlgorithm"].startswith(_KMS) else {}


def kms_key_arn(aws: Aws, encryption: Mapping[str, Any]) -> str:
    """Return the ARN of the key that ``encryption`` names in any of S3's ways; empty without one.

    AWS's own key (``aws/s3``) is not named, and whoever may use the bucket may use it.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html

    Raises:
        ClientError: it is named by an alias, and ``kms:DescribeKey`` is not granted.
    """
    key = str(_default(encryption).get("KMSMasterKeyID", ""))
    if not key or ":key/" in key:
        return key
    if "alias/" in key:
        return str(aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Arn"])
    return f"arn:{aws.partition}:kms:{aws.region}:{aws.account}:key/{key}"


def _encryption(default: Mapping[str, str]) -> dict[str, Any]:
    return {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": default}]}


def _default(encryption: Mapping[str, Any]) -> dict[str, str]:
    rule: dict[str, dict[str, str]] = encryption["ServerSideEncryptionConfiguration"][0]
    return rule["ServerSideEncryptionByDefault"]


def _read_encryption(configuration: Mapping[str, Any]) -> dict[str, Any]:
    rules = configuration.get("Rules") or [{}]
    return _encryption(
        {"SSEAlgorithm": "", **rules[0].get("ApplyServerSideEncryptionByDefault", {})}
    )


def read_tags(s3: Client, name: str) -> dict[str, str]:
    """Return the tags of bucket ``name``; none where it has none, or is not there."""
    answer = or_none(lambda: s3.get_bucket_tagging(Bucket=name)) or {"TagSet": []}
    return tag_dict(answer["TagSet"])


def put_switches(s3: Client, name: str, value: Mapping[str, bool]) -> None:
    """Set the switches of bucket ``name``; all of them off is as good as none."""
    if any(value.values()):
        _put_public_access_block(s3, name, value)
    else:
        s3.delete_public_access_block(Bucket=name)


def _put_public_access_block(s3: Client, name: str, value: Mapping[str, bool]) -> None:
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=value)


def _put_ownership(s3: Client, name: str, value: Mapping[str, Any]) -> None:
    try:
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=value)
    except ClientError as error:
        if error_code(error) != "InvalidBucketAclWithObjectOwnership":
            raise
        raise ServiceError(
            f"somebody gave the bucket {name} an ACL, which keeps S3 from forbidding ACLs",
            hint="give it the ACL private again (PutBucketAcl), in the S3 console or by any tool",
        ) from error


def _put_encryption(s3: Client, name: str, value: Mapping[str, Any]) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": _default(value)}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _unfinished_uploads_rule() -> _Rule:
    return {
        "Id": _LIFECYCLE_RULE,
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _UNFINISHED_UPLOAD_DAYS},
    }


def _lifecycle(s3: Client, name: str) -> dict[str, Any]:
    """Return the rules of bucket ``name``, and what is set beside them."""
    answer = or_none(lambda: s3.get_bucket_lifecycle_configuration(Bucket=name)) or {}
    return {"Rules": [], **{key: answer[key] for key in (_RULES, _SIZES) if key in answer}}


def _lifecycle_rules(s3: Client, name: str) -> list[_Rule]:
    return list(_lifecycle(s3, name)[_RULES])


def remove_lifecycle_rule(s3: Client, name: str) -> None:
    """Take our rule out of bucket ``name``; those of others stay."""
    if _our_rules(_lifecycle_rules(s3, name)):
        _put_lifecycle(s3, name, {"Rules": []})


def _our_rules(rules: Sequence[_Rule]) -> list[_Rule]:
    """Return our rule in CloudFormation's words; there the whole bucket needs no filter."""
    return [_renamed(rule) for rule in rules if rule.get("ID") == _LIFECYCLE_RULE]


def _renamed(rule: _Rule) -> _Rule:
    whole_bucket: tuple[Any, ...] = ({}, {"Prefix": ""}, "")
    renamed = {("Id" if name == "ID" else name): value for name, value in rule.items()}
    return {name: value for name, value in renamed.items() if value not in whole_bucket}


def _put_lifecycle(s3: Client, name: str, value: Mapping[str, Any]) -> None:
    # Putting replaces all there is, so what is others' is sent along.
    found = _lifecycle(s3, name)
    others = [rule for rule in found.pop(_RULES) if rule.get("ID") != _LIFECYCLE_RULE]
    # In one configuration S3 takes either rules with a Filter or, as of old, with a bare Prefix.
    whole = {"Prefix": ""} if any("Prefix" in rule for rule in others) else _EVERYTHING
    ours = [
        {**{k: v for k, v in rule.items() if k != "Id"}, "ID": rule["Id"], **whole}
        for rule in value["Rules"]
    ]
    if rules := [*others, *ours]:
        s3.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={_RULES: rules}, **found
        )
    else:
        s3.delete_bucket_lifecycle(Bucket=name)


def _put_tags(s3: Client, name: str, value: Mapping[str, str]) -> None:
    # PutBucketTagging replaces the whole set, and tags of others are theirs to keep.
    s3.put_bucket_tagging(
        Bucket=name, Tagging={"TagSet": tag_list({**read_tags(s3, name), **value})}
    )


def remove_tags(s3: Client, name: str, prefix: str) -> None:
    """Take the tags whose keys begin with ``prefix`` from bucket ``name``."""
    left = {key: value for key, value in read_tags(s3, name).items() if not key.startswith(prefix)}
    if left:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(left)})
    else:
        s3.delete_bucket_tagging(Bucket=name)


PUT: Final[Mapping[str, Callable[[Client, str, Any], None]]] = {
    "PublicAccessBlockConfiguration": _put_public_access_block,
    "OwnershipControls": _put_ownership,
    "BucketEncryption": _put_encryption,
    "LifecycleConfiguration": _put_lifecycle,
    "Tags": _put_tags,
}
