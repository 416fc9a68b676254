"""What an original left behind: results in the destination bucket, and rows of the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import commonprefix
from typing import TYPE_CHECKING

from handler.schema import PARTITION_KEY, Metadata, possible_keys
from imgpipe.aws import items
from imgpipe.aws.errors import or_none
from imgpipe.pictures import catalog

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


@dataclass(frozen=True)
class Stores:
    """Where results and rows are, and the names of the ``renditions`` that there may be."""

    bucket: str
    table: str
    renditions: Sequence[str]


def of(aws: Aws, stores: Stores, key: str) -> list[str]:
    """Return the results and rows of the original ``key``, by their keys, in order.

    Results without a row count: a function that was cut off may have put one before its row
    (``dynamodb:Query``, ``dynamodb:BatchGetItem``, ``s3:ListBucket``).
    """
    rows = {row.filename for row in catalog.of_source(aws, stores.table, key)}
    results = set(_results(aws, stores, key))
    keys = [{PARTITION_KEY: {"S": name}} for name in results]
    told = map(Metadata.from_item, items.batch_get(aws, stores.table, keys))
    others = {row.filename for row in told if row.source_key != key}
    return sorted(rows | (results - others))


def has_original(aws: Aws, bucket: str, key: str) -> bool:
    """Say whether the original ``key`` is in the source bucket (``s3:HeadObject``)."""
    return or_none(lambda: aws.client("s3").head_object(Bucket=bucket, Key=key)) is not None


def _results(aws: Aws, stores: Stores, key: str) -> Iterator[str]:
    """Yield those keys in the bucket that a result of ``key`` may have."""
    pages = aws.client("s3").get_paginator("list_objects_v2")
    for name in stores.renditions:
        possible = possible_keys(key, name)
        for page in pages.paginate(Bucket=stores.bucket, Prefix=commonprefix(possible)):
            found = (each["Key"] for each in page.get("Contents", []))
            yield from (each for each in found if each in possible)
