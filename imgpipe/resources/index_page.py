"""The page behind the distribution's ``/``: a gallery of what has been processed."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, ClassVar, Final

from imgpipe.aws.errors import already_gone, or_none
from imgpipe.engine.resource import Live, OwnedPart, Properties, Resource
from imgpipe.resources.bucket import Bucket

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

CONTENT_TYPE: Final = "text/html; charset=utf-8"
# Short, so that a new page is seen soon; the pictures' own caching is set by the function.
CACHE_CONTROL: Final = "public, max-age=60"


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
            "ContentType": CONTENT_TYPE,
            "CacheControl": CACHE_CONTROL,
            "ChecksumSHA256": b64encode(sha256(_page()).digest()).decode(),
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

    def create(self, aws: Aws, desired: Properties) -> None:
        """Put the page; S3 refuses it if it does not arrive whole."""
        put = partial(aws.client("s3").put_object, Bucket=self.bucket.name, Key=self.name)
        aws.eventually("s3", lambda: put(Body=_page(), ChecksumAlgorithm="SHA256", **desired))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Put the page again."""
        self.create(aws, desired)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete the page."""
        with already_gone():
            aws.client("s3").delete_object(Bucket=self.bucket.name, Key=self.name)


def _page() -> bytes:
    return (files("imgpipe.gallery") / "page.html").read_bytes()
