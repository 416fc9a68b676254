"""A bucket's policy: TLS only, and the distribution that serves it may read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from imgpipe.aws.errors import already_gone, or_none
from imgpipe.aws.policies import (
    VERSION,
    Policy,
    Statement,
    cloudfront_read_statement,
    open_to_the_world,
    tls_only_statement,
)
from imgpipe.aws.policy_text import document, normalised
from imgpipe.engine.resource import Live, OwnedPart, Properties, Resource
from imgpipe.errors import NotOursError
from imgpipe.resources.bucket import Bucket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgpipe.aws.account import Aws

_OURS: Final = "Imgpipe"


@dataclass(frozen=True)
class BucketPolicy(OwnedPart):
    """Our statements in the policy of ``bucket``, known by a ``Sid`` that begins with Imgpipe.

    Statements of others stay: a bucket may be shared with its owner's other work, and Block Public
    Access already refuses whatever would open it to the world.
    """

    type: ClassVar[str] = "AWS::S3::BucketPolicy"
    bucket: Bucket
    distribution: Resource | None = None

    @property
    def title(self) -> str:
        """The bucket's own, since there is a policy for each."""
        return f"{self.bucket.title} policy"

    @property
    def owner(self) -> Resource:
        """The bucket."""
        return self.bucket

    def properties(self, live: Live) -> Properties:
        """Return ``PolicyDocument`` with our statements alone."""
        arn = live.attribute(self.bucket, "Arn")
        statements = [tls_only_statement(arn)]
        if self.distribution is not None:
            statements.append(
                cloudfront_read_statement(arn, live.attribute(self.distribution, "Arn"))
            )
        return _document(statements)

    def read(self, aws: Aws) -> Properties | None:
        """Return ``PolicyDocument`` with our statements; ``None`` if there are none."""
        ours = [each for each in _statements(aws, self.bucket.name) if _is_ours(each)]
        return _document(ours) if ours else None

    def create(self, aws: Aws, desired: Properties) -> None:
        """Put our statements beside those of others."""
        self._put(aws, list(desired["PolicyDocument"]["Statement"]))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Put our statements beside those of others."""
        self.create(aws, desired)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Take our statements out, and the policy with them if no other is left."""
        with already_gone():
            self._put(aws, [])

    def require_room(self, aws: Aws) -> None:
        """Raise ``NotOursError`` where the bucket is open to the world: that would be cut off."""
        if any(open_to_the_world(each) for each in _statements(aws, self.bucket.name)):
            raise _public(self.bucket.name)

    def _put(self, aws: Aws, ours: list[Statement]) -> None:
        s3, name = aws.client("s3"), self.bucket.name
        found = _policy(aws, name)
        theirs = [each for each in _listed(found) if not _is_ours(each)]
        if statements := [*theirs, *ours]:
            policy = json.dumps({**found, "Statement": statements})
            aws.eventually("s3", lambda: s3.put_bucket_policy(Bucket=name, Policy=policy))
        else:
            aws.eventually("s3", lambda: s3.delete_bucket_policy(Bucket=name))


def _document(statements: Sequence[Statement]) -> dict[str, Any]:
    ordered = sorted((normalised(each) for each in statements), key=lambda each: str(each["Sid"]))
    return {"PolicyDocument": {"Version": VERSION, "Statement": ordered}}


def _policy(aws: Aws, bucket: str) -> Policy:
    """Return the whole policy: the version of one that was there says how its text is read."""
    answer = or_none(lambda: aws.client("s3").get_bucket_policy(Bucket=bucket))
    return dict(document(answer["Policy"])) if answer else {"Version": VERSION, "Statement": []}


def _statements(aws: Aws, bucket: str) -> list[Statement]:
    return _listed(_policy(aws, bucket))


def _listed(policy: Policy) -> list[Statement]:
    found = policy["Statement"]
    return found if isinstance(found, list) else [found]


def _public(bucket: str) -> NotOursError:
    return NotOursError(
        f"bucket {bucket} is open to the world by its policy, and this pipeline's are private",
        hint="whoever reads it would be cut off: take that statement out first, "
        "or choose another bucket",
    )


def _is_ours(statement: Statement) -> bool:
    return str(statement.get("Sid", "")).startswith(_OURS)
