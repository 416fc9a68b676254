"""Which pictures are to be made again: by keys, by a prefix, or by what their rows say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from handler.schema import Status
from imgpipe.aws.errors import absent
from imgpipe.errors import not_set_up
from imgpipe.pictures import catalog
from imgpipe.pictures.catalog import Query
from imgpipe.pictures.leftovers import has_original

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        keys: these, and nothing else, where there are any.
        prefix: originals whose keys begin so.
        other_than: those with a row of another fingerprint than this, or of none.
        status: those with a row of this status.
        missing: those without any row.
        before: not those that a row was written of then or later.
    """

    keys: Sequence[str] = ()
    prefix: str = ""
    other_than: str = ""
    status: Status | None = None
    missing: bool = False
    before: datetime | None = None

    @property
    def by_prefix(self) -> bool:
        """Whether S3's own list of the bucket says it all."""
        return self == Wanted(prefix=self.prefix)


@dataclass(frozen=True)
class Selection:
    """The ``keys`` of originals, in order, and those that were asked for and are ``gone``."""

    keys: Sequence[str]
    gone: Sequence[str] = ()


def select(aws: Aws, source_bucket: str, table: str, wanted: Wanted) -> Selection:
    """Return the originals that are wanted.

    Lists the bucket (``s3:ListBucket``), reads the table where rows decide (``dynamodb:Scan``,
    ``dynamodb:Query``), and holds the keys in memory.

    Raises:
        NotSetUpError: the bucket or the table is not there.
    """
    if wanted.keys:
        return _named(aws, source_bucket, wanted.keys)
    there = list(originals(aws, source_bucket, wanted.prefix))
    if wanted.other_than or wanted.status or wanted.missing:
        query = Query(wanted.prefix, wanted.status, other_than=wanted.other_than)
        told = {row.source_key for row in catalog.rows(aws, table, query)}
        there = [key for key in there if (key in told) is not wanted.missing]
    if wanted.before:
        since = {row.source_key for row in catalog.since(aws, table, wanted.before)}
        there = [key for key in there if key not in since]
    return Selection(there)


def originals(aws: Aws, bucket: str, prefix: str = "") -> Iterator[str]:
    """Yield the keys of the pictures in order, ``NotSetUpError`` where there is no bucket.

    A key that ends with a slash is a folder of the console's.
    """
    pages = aws.client("s3").get_paginator("list_objects_v2")
    try:
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                if not entry["Key"].endswith("/"):
                    yield entry["Key"]
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        raise


def _named(aws: Aws, bucket: str, keys: Sequence[str]) -> Selection:
    once = list(dict.fromkeys(keys))
    there = {key for key in once if has_original(aws, bucket, key)}
    return Selection(
        [key for key in once if key in there], [key for key in once if key not in there]
    )
