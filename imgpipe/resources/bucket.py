"""A private S3 bucket: no public access, no ACLs, encrypted, tagged, unfinished uploads aborted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import already_gone, error_code, or_none
from imgpipe.aws.objects import empty
from imgpipe.aws.tags import tag_dict, tag_list
from imgpipe.engine.resource import Live, Properties, TaggedResource, differences
from imgpipe.errors import NotOursError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
ACCOUNT_REGIONAL: Final = "account-regional"
# The one region CreateBucket knows by leaving its LocationConstraint out.
_NAMELESS_REGION: Final = "us-east-1"
_LIFECYCLE_RULE: Final = "imgpipe-unfinished-uploads"
# Parts of an upload that was killed are billed until somebody aborts it.
_UNFINISHED_UPLOAD_DAYS: Final = 7


@dataclass(frozen=True)
class Bucket(TaggedResource):
    """A bucket of this account in this region. Read-only attributes: ``Arn``, ``RegionalDomainName``."""

    type: ClassVar[str] = "AWS::S3::Bucket"
    title: str = "bucket"

    def properties(self, live: Live) -> Properties:
        """Return the four switches, the ownership of objects, SSE-S3, our lifecycle rule, and tags."""
        return {
            "PublicAccessBlockConfiguration": dict.fromkeys(SWITCHES, True),
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "BucketEncryption": _encryption("AES256"),
            "LifecycleConfiguration": {"Rules": [_unfinished_uploads_rule()]},
            "Tags": dict(self.tags),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the bucket's settings.

        Raises:
            NotOursError: the name is another account's, or the bucket is in another region.
        """
        if not _exists(aws, self.name):
            return None
        s3, bucket = aws.client("s3"), {"Bucket": self.name}
        block = or_none(lambda: s3.get_public_access_block(**bucket)) or {}
        ownership = or_none(lambda: s3.get_bucket_ownership_controls(**bucket)) or {}
        encryption = or_none(lambda: s3.get_bucket_encryption(**bucket)) or {}
        return {
            "PublicAccessBlockConfiguration": block.get("PublicAccessBlockConfiguration", {}),
            "OwnershipControls": ownership.get("OwnershipControls", {}),
            "BucketEncryption": _read_encryption(
                encryption.get("ServerSideEncryptionConfiguration", {})
            ),
            "LifecycleConfiguration": {"Rules": _our_rules(_lifecycle_rules(s3, self.name))},
            "Tags": _tags(s3, self.name),
            "Arn": f"arn:{aws.partition}:s3:::{self.name}",
            # The global name may be answered with a redirect for a day: CloudFront must use this one.
            "RegionalDomainName": f"{self.name}.s3.{aws.region}.amazonaws.com",
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it with its tags, then set what S3 did not set by itself.

        Raises:
            NotOursError: another account was faster.
        """
        aws.eventually("s3", lambda: _create(aws, self.name, desired["Tags"]))
        live = aws.settle(
            lambda: self.read(aws),
            lambda there: there is not None,
            what=f"bucket {self.name}",
            every=1,
        )
        self.update(aws, desired, differences(desired, live or {}))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what ``changed`` names, one after another: S3 refuses concurrent changes of one bucket."""
        for name in sorted(changed):
            put = partial(_PUT[name], aws.client("s3"), self.name, desired[name])
            aws.eventually("s3", put)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Empty it, every version and unfinished upload, and delete it.

        An invocation that still runs may write once more; then it is emptied again.
        """
        with already_gone():
            empty(aws, self.name)
            aws.eventually("s3", lambda: _delete(aws, self.name))


def _exists(aws: Aws, name: str) -> bool:
    try:
        answer = aws.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=aws.account)
    except ClientError as error:
        if error_code(error) == "403":
            raise _taken(name) from error
        if error_code(error) == "404":
            return False
        raise
    if (region := answer.get("BucketRegion", aws.region)) != aws.region:
        raise NotOursError(
            f"bucket {name} is in {region}, not in {aws.region}",
            hint="choose another name, or that --region",
        )
    return True


def _taken(name: str) -> NotOursError:
    return NotOursError(
        f"bucket {name} belongs to another account, or is hidden from these credentials",
        hint="choose another name",
    )


def _create(aws: Aws, name: str, tags: Mapping[str, str]) -> None:
    location = {} if aws.region == _NAMELESS_REGION else {"LocationConstraint": aws.region}
    namespace = (
        {"BucketNamespace": ACCOUNT_REGIONAL}
        if name.endswith(f"-{aws.account}-{aws.region}-an")
        else {}
    )
    try:
        aws.client("s3").create_bucket(
            Bucket=name, CreateBucketConfiguration={**location, "Tags": tag_list(tags)}, **namespace
        )
    except ClientError as error:
        if error_code(error) == "BucketAlreadyExists":
            raise _taken(name) from error
        # An answer that got lost and a call that was sent again: what us-east-1 calls 200.
        if error_code(error) != "BucketAlreadyOwnedByYou":
            raise


def _delete(aws: Aws, name: str) -> None:
    try:
        aws.client("s3").delete_bucket(Bucket=name)
    except ClientError as error:
        if error_code(error) == "BucketNotEmpty":
            empty(aws, name)
        raise


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
    """Return our rule in CloudFormation's words; a filter for the whole bucket says nothing there."""
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


_PUT: Final[Mapping[str, Callable[[Client, str, Any], None]]] = {
    "PublicAccessBlockConfiguration": _put_public_access_block,
    "OwnershipControls": _put_ownership,
    "BucketEncryption": _put_encryption,
    "LifecycleConfiguration": _put_lifecycle,
    "Tags": _put_tags,
}
