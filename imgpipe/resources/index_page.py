"""The page behind the distribution's ``/``: a gallery of what has been processed."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar

from imgpipe.aws.errors import already_gone, or_none
from imgpipe.engine.resource import Live, OwnedPart, Properties, Resource
from imgpipe.gallery import page
from imgpipe.resources import bucket_adoption
from imgpipe.resources.bucket import Bucket

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


@dataclass(frozen=True)
class IndexPage(OwnedPart):
    """The packaged page under the key ``name`` of ``bucket``.

    CloudFormation has no type for an object.
    """

    type: ClassVar[str] = "AWS::S3::Object"
    title: ClassVar[str] = "gallery page"
    bucket: Bucket

    @property
    def owner(self) -> Resource:
        """The bucket."""
        return self.bucket

    def properties(self, live: Live) -> Properties:
        """Return the headers and the base64 SHA-256 of the page."""
        return {
            **page.HEADERS,
            "ChecksumSHA256": b64encode(sha256(page.content()).digest()).decode(),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return headers and checksum; a page that was put without SHA-256 has none."""
        head = or_none(
            lambda: aws.client("s3").head_object(
                Bucket=self.bucket.name, Key=self.name, ChecksumMode="ENABLED"
            )
        )
        return head and {
            name: head.get(name, "")
            for name in ("ContentType", "CacheControl", "ChecksumSHA256", "ETag")
        }

    def require_room(self, aws: Aws) -> None:
        """Raise ``NotOursError`` where the bucket's owner has a page of that name."""
        bucket_adoption.require_free(aws, self.bucket.name, self.name)

    def create(self, aws: Aws, desired: Properties) -> None:
        """Put the page; S3 refuses it if it does not arrive whole."""
        put = partial(aws.client("s3").put_object, Bucket=self.bucket.name, Key=self.name)
        aws.eventually(
            "s3", lambda: put(Body=page.content(), ChecksumAlgorithm="SHA256", **desired)
        )

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Put the page again."""
        self.create(aws, desired)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete the page."""
        with already_gone():
            aws.client("s3").delete_object(Bucket=self.bucket.name, Key=self.name)
