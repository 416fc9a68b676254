"""A private S3 bucket: no public access, no ACLs, encrypted, tagged, unfinished uploads aborted.

One that was there before is made ours on explicit word alone, and keeps what it had: see
``imgpipe.resources.bucket_adoption``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.bucket_settings import (
    PUT,
    desired_settings,
    kms_key_arn,
    read_settings,
    stronger_encryption,
)
from imgpipe.aws.errors import already_gone, error_code
from imgpipe.aws.object_lock import locked_object
from imgpipe.aws.objects import empty
from imgpipe.aws.tags import tag_list
from imgpipe.engine.resource import (
    ADOPTED_TAG,
    OWNER_TAG,
    Live,
    Properties,
    TaggedResource,
    differences,
)
from imgpipe.errors import ImgpipeError, NotOursError, ServiceError
from imgpipe.resources import bucket_adoption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

ACCOUNT_REGIONAL: Final = "account-regional"
# The one region CreateBucket knows by leaving its LocationConstraint out.
_NAMELESS_REGION: Final = "us-east-1"
_FIRST: Final = ("Tags", "PublicAccessBlockConfiguration")


@dataclass(frozen=True)
class Bucket(TaggedResource):
    """A bucket of this account and region.

    Read-only attributes: ``Arn``, ``RegionalDomainName``, and ``KmsKeyArn``, the key of the account
    it is encrypted with, empty without one. What ``adopt`` names is made ours though it was there
    before; it may name the other bucket too.
    """

    type: ClassVar[str] = "AWS::S3::Bucket"
    title: str = "bucket"
    adopt: tuple[str, ...] = ()

    def properties(self, live: Live) -> Properties:
        """Return the four switches, objects' ownership, SSE-S3, our lifecycle rule, and tags."""
        return {**desired_settings(), "Tags": dict(self.tags)}

    def keeping(self, desired: Properties, live: Properties) -> Properties:
        """Return ``desired`` with a stronger encryption, and what a bucket had before us."""
        kept = {**desired, **stronger_encryption(live)}
        ours_alone = self.owned(live) and not self.adopted(live)
        return kept if ours_alone else bucket_adoption.keeping(kept, live)

    def read(self, aws: Aws) -> Properties | None:
        """Return the bucket's settings.

        Raises:
            NotOursError: the name is another account's, or the bucket is in another region.
            NotSetUpError: it is to be adopted, and not there.
        """
        if not _exists(aws, self.name):
            if self.name in self.adopt:
                raise bucket_adoption.nothing_to_adopt(self.name)
            return None
        settings = read_settings(aws.client("s3"), self.name)
        return {
            **settings,
            "KmsKeyArn": kms_key_arn(aws, settings["BucketEncryption"]),
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
        """Set what ``changed`` names, one by one: S3 refuses concurrent changes of a bucket.

        The tags come first: they remember what the others are about to change. Then doors are
        closed: an ACL that is open keeps its owner from forbidding ACLs.
        """
        first = {name: number for number, name in enumerate(_FIRST)}
        for name in sorted(changed, key=lambda name: (first.get(name, len(first)), name)):
            put = partial(PUT[name], aws.client("s3"), self.name, desired[name])
            aws.eventually("s3", put)

    def check_deletable(self, aws: Aws, live: Properties) -> None:
        """Raise ``ServiceError`` if S3 would keep one of its objects."""
        if lock := locked_object(aws, self.name):
            raise ServiceError(
                f"bucket {self.name} cannot be emptied: {lock}",
                hint="lift that, or keep the bucket: teardown --retain names it",
            )

    def delete(self, aws: Aws, live: Properties) -> None:
        """Empty it, every version and unfinished upload, and delete it; give back what was there.

        An invocation that still runs may write once more; then it is emptied again.
        """
        if self.adopted(live):
            bucket_adoption.give_back(aws, self.name, live)
            return
        with already_gone():
            empty(aws, self.name)
            aws.eventually("s3", lambda: _delete(aws, self.name))

    def adoptable(self, live: Properties) -> bool:
        """Say whether it is to be adopted, and no other stage's."""
        return self.name in self.adopt and OWNER_TAG not in live["Tags"]

    def adopted(self, live: Properties) -> bool:
        """Say whether its tag remembers that it was there before us."""
        return ADOPTED_TAG in live.get("Tags", {})

    def not_ours(self, live: Properties) -> NotOursError:
        """Return the error that says whose it is, or how it becomes ours."""
        return bucket_adoption.not_ours(self.name, live, self.adopt)


def _exists(aws: Aws, name: str) -> bool:
    try:
        answer = aws.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=aws.account)
    except ClientError as error:
        if error_code(error) == "403":
            raise _hidden(aws, name) from error
        if error_code(error) == "404":
            return False
        raise
    if (region := answer.get("BucketRegion", aws.region)) != aws.region:
        raise NotOursError(
            f"bucket {name} is in {region}, not in {aws.region}",
            hint="choose another name, or that --region",
        )
    return True


def _hidden(aws: Aws, name: str) -> ImgpipeError:
    """Return the error that says why S3 does not show a bucket: both reasons are a bare 403."""
    if not _in_our_namespace(aws, name):
        return _taken(name)
    return ServiceError(
        f"bucket {name} cannot be read: s3:ListBucket was denied",
        hint="ask for that permission, or use another --profile",
        aws_code="AccessDenied",
    )


def _in_our_namespace(aws: Aws, name: str) -> bool:
    """Say whether nobody but this account can have a bucket of that ``name``.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """
    return name.endswith(f"-{aws.account}-{aws.region}-an")


def _taken(name: str) -> NotOursError:
    return NotOursError(
        f"bucket {name} belongs to another account, or is hidden from these credentials",
        hint="choose another name",
    )


def _create(aws: Aws, name: str, tags: Mapping[str, str]) -> None:
    location = {} if aws.region == _NAMELESS_REGION else {"LocationConstraint": aws.region}
    namespace = {"BucketNamespace": ACCOUNT_REGIONAL} if _in_our_namespace(aws, name) else {}
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
