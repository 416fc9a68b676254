"""A private S3 bucket: no public access, no ACLs, encrypted, tagged, unfinished uploads aborted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.bucket_settings import PUT, desired_settings, read_settings
from imgpipe.aws.errors import already_gone, error_code
from imgpipe.aws.objects import empty
from imgpipe.aws.tags import tag_list
from imgpipe.engine.resource import Live, Properties, TaggedResource, differences
from imgpipe.errors import NotOursError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

ACCOUNT_REGIONAL: Final = "account-regional"
# The one region CreateBucket knows by leaving its LocationConstraint out.
_NAMELESS_REGION: Final = "us-east-1"


@dataclass(frozen=True)
class Bucket(TaggedResource):
    """A bucket of this account and region. Read-only: ``Arn``, ``RegionalDomainName``."""

    type: ClassVar[str] = "AWS::S3::Bucket"
    title: str = "bucket"

    def properties(self, live: Live) -> Properties:
        """Return the four switches, objects' ownership, SSE-S3, our lifecycle rule, and tags."""
        return {**desired_settings(), "Tags": dict(self.tags)}

    def read(self, aws: Aws) -> Properties | None:
        """Return the bucket's settings.

        Raises:
            NotOursError: the name is another account's, or the bucket is in another region.
        """
        if not _exists(aws, self.name):
            return None
        return {
            **read_settings(aws.client("s3"), self.name),
            "Arn": f"arn:{aws.partition}:s3:::{self.name}",
            # The global name may be answered with a redirect for a day: CloudFront must use this
            # one.
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
        """Set what ``changed`` names, one by one: S3 refuses concurrent changes of a bucket."""
        for name in sorted(changed):
            put = partial(PUT[name], aws.client("s3"), self.name, desired[name])
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
