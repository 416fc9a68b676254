"""The page's data, and that all rows are in it which there were before it was kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from handler.event import FILL
from handler.gallery import INDEX_KEY, PAGE_PREFIX, UNREADABLE, Index
from handler.plain_page import PLAIN_KEY
from imgpipe.aws.errors import already_gone, or_none
from imgpipe.engine.resource import Live, OwnedPart, Properties, Resource
from imgpipe.function.page import portions
from imgpipe.resources import bucket_adoption
from imgpipe.resources.bucket import Bucket

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# What `upload` wrote until the page followed the table, and what each of its entries had.
OF_OLD: Final = "gallery.json"
_FIELDS_OF_OLD: Final = {"key", "width", "height", "size", "source", "timestamp"}
_OUR_PAGE: Final = re.compile(rf"{PAGE_PREFIX}[0-9a-f]{{32}}\.json")


@dataclass(frozen=True)
class GalleryData(OwnedPart):
    """The index of the page's data in ``bucket``, which ``function`` writes.

    ``table`` and ``trigger`` only have to be there first: rows are found by the table's index, and
    what changes while the old ones are taken over is told by the stream.
    """

    type: ClassVar[str] = "Custom::GalleryData"
    title: ClassVar[str] = "page data"
    bucket: Bucket
    function: Resource
    table: Resource
    trigger: Resource

    @property
    def sought(self) -> bool:
        """Never: who may not look must not take a page for gone that was public."""
        return False

    @property
    def owner(self) -> Resource:
        """The bucket."""
        return self.bucket

    def properties(self, live: Live) -> Properties:
        """Say that it is complete."""
        return {"Filled": True}

    def read(self, aws: Aws) -> Properties | None:
        """Return whether the rows from before are in it; what is no index of ours is not filled."""
        body = self._body(aws, INDEX_KEY)
        return None if body is None else {"Filled": _filled(body)}

    def require_room(self, aws: Aws) -> None:
        """Raise ``NotOursError`` where the bucket's owner has an object in the index's place."""
        bucket_adoption.require_free(aws, self.bucket.name, INDEX_KEY)

    def create(self, aws: Aws, desired: Properties) -> None:
        """Let the function take over all rows, some thousand at a time; then the old list goes.

        It proves that the function starts and may do what it does. Safe to break off and to repeat.

        Raises:
            ServiceError: the function could not do it.
        """
        for _ in portions(aws, self.function.name, FILL):
            pass
        if _is_of_old(self._body(aws, OF_OLD)):
            aws.client("s3").delete_object(Bucket=self.bucket.name, Key=OF_OLD)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Take all rows over again: an earlier run was broken off, or the index was deleted."""
        self.create(aws, desired)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete index, plain page and all pages: a bucket that was there before us stays.

        The index first: who has put a page beside it by then, and cannot write it any more, takes
        the page back itself.
        """
        s3, bucket = aws.client("s3"), self.bucket.name
        with already_gone():
            s3.delete_object(Bucket=bucket, Key=INDEX_KEY)
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PAGE_PREFIX)
            listed = [each["Key"] for page in pages for each in page.get("Contents", [])]
            for key in [PLAIN_KEY, *filter(_OUR_PAGE.fullmatch, listed)]:
                s3.delete_object(Bucket=bucket, Key=key)

    def _body(self, aws: Aws, key: str) -> bytes | None:
        get = aws.client("s3").get_object
        answer = or_none(lambda: get(Bucket=self.bucket.name, Key=key))
        return answer and bytes(answer["Body"].read())


def _filled(body: bytes) -> bool:
    try:
        return Index.from_json(json.loads(body)).filled
    except UNREADABLE:
        return False


def _is_of_old(body: bytes | None) -> bool:
    """Say whether it is the list of old: a bucket that was there may hold a file of that name."""
    try:
        rows = json.loads(body or b"")
    except UNREADABLE:
        return False
    return (
        isinstance(rows, list)
        and bool(rows)
        and all(isinstance(row, dict) and row.keys() == _FIELDS_OF_OLD for row in rows)
    )
