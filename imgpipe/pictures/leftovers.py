"""What an original left behind: results in the destination bucket, and rows of the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import commonprefix
from typing import TYPE_CHECKING

from handler.keys import is_possible, possible_keys
from handler.schema import PARTITION_KEY, Metadata
from imgpipe.aws import items
from imgpipe.aws.errors import or_none
from imgpipe.engine.resource import ADOPTED_TAG
from imgpipe.pictures import catalog

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


@dataclass(frozen=True)
class Stores:
    """Where results and rows are, and the names of the ``renditions`` that there may be."""

    bucket: str
    table: str
    renditions: Sequence[str]


@dataclass(frozen=True)
class Left:
    """What there is of one original: its ``rows``, and ``untold`` results that have none."""

    rows: tuple[Metadata, ...] = ()
    untold: tuple[str, ...] = ()


def look(aws: Aws, stores: Stores, key: str) -> Left:
    """Return what there is of the original ``key``, each in order.

    Results without a row count: a function that was cut off may have put one before its row. The
    index may not know a row that was written a moment ago, so those that today's renditions may
    have are asked for besides (``dynamodb:Query``, ``dynamodb:BatchGetItem``, ``s3:ListBucket``).
    """
    indexed = catalog.of_source(aws, stores.table, key)
    likely = sorted({name for each in stores.renditions for name in possible_keys(key, each)})
    told = items.batch_get(aws, stores.table, [{PARTITION_KEY: {"S": name}} for name in likely])
    found = {row.filename: row for row in [*indexed, *map(Metadata.from_item, told)]}
    rows = [row for _, row in sorted(found.items()) if row.source_key == key]
    return Left(tuple(rows), tuple(sorted({*_results(aws, stores, key)} - found.keys())))


def of(aws: Aws, stores: Stores, key: str) -> list[str]:
    """Return the results and rows of the original ``key``, by their keys, in order; as ``look``."""
    left = look(aws, stores, key)
    return sorted([*(row.filename for row in left.rows), *left.untold])


def has_original(aws: Aws, bucket: str, key: str) -> bool:
    """Say whether the original ``key`` is in the source bucket (``s3:HeadObject``)."""
    return or_none(lambda: aws.client("s3").head_object(Bucket=bucket, Key=key)) is not None


def was_there_before(aws: Aws, bucket: str) -> bool:
    """Say whether ``bucket`` was adopted: what looks like a result in it may be somebody's own.

    Calls ``s3:GetBucketTagging``.
    """
    found = or_none(lambda: aws.client("s3").get_bucket_tagging(Bucket=bucket)) or {"TagSet": []}
    return any(tag["Key"] == ADOPTED_TAG for tag in found["TagSet"])


def _results(aws: Aws, stores: Stores, key: str) -> Iterator[str]:
    """Yield those keys in the bucket that a result of ``key`` may have."""
    pages = aws.client("s3").get_paginator("list_objects_v2")
    for name in stores.renditions:
        if not (possible := list(filter(is_possible, possible_keys(key, name)))):
            continue
        for page in pages.paginate(Bucket=stores.bucket, Prefix=commonprefix(possible)):
            found = (each["Key"] for each in page.get("Contents", []))
            yield from (each for each in found if each in possible)
