"""What there is of pictures: originals and results as they are listed, and rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from handler.keys import PREFIX
from imgpipe.aws.errors import absent
from imgpipe.errors import not_set_up
from imgpipe.pictures import catalog

if TYPE_CHECKING:
    from handler.schema import Metadata
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.differences import Places


@dataclass(frozen=True)
class Object:
    """An object as a list shows it: its ETag, and when it was put."""

    etag: str
    modified: datetime


@dataclass(frozen=True)
class Contents:
    """What there is: originals and results by their keys, and rows."""

    originals: Mapping[str, Object]
    results: Mapping[str, Object]
    rows: Sequence[Metadata]


def contents(aws: Aws, places: Places, prefix: str = "") -> Contents:
    """Return what there is of originals whose keys begin with ``prefix``.

    Lists both buckets and the table (``s3:ListBucket``, ``dynamodb:Scan``), and holds it all in
    memory: about a kilobyte a picture.

    Raises:
        NotSetUpError: a bucket or the table is not there.
    """
    with ThreadPoolExecutor(3, thread_name_prefix="contents") as pool:
        originals = pool.submit(_originals, aws, places.source_bucket, prefix)
        results = pool.submit(_results, aws, places.destination_bucket, prefix)
        rows = pool.submit(_rows, aws, places.table, prefix)
        return Contents(originals.result(), results.result(), rows.result())


def _originals(aws: Aws, bucket: str, prefix: str) -> dict[str, Object]:
    """Return the pictures; a key that ends with a slash is a folder of the console's."""
    found = listed(aws, bucket, prefix)
    return {key: each for key, each in found if not key.endswith("/")}


def _results(aws: Aws, bucket: str, prefix: str) -> dict[str, Object]:
    """Return the results whose original's key would begin with ``prefix``."""
    folder, slash, _ = prefix.rpartition("/")
    found = listed(aws, bucket, folder + slash)
    return {key: each for key, each in found if _is_result(key, prefix)}


def _is_result(key: str, prefix: str) -> bool:
    folder, slash, name = key.rpartition("/")
    original = folder + slash + name.removeprefix(PREFIX)
    return name.startswith(PREFIX) and original.startswith(prefix)


def listed(aws: Aws, bucket: str, prefix: str) -> Iterator[tuple[str, Object]]:
    """Yield the objects of ``bucket`` by their keys, those that begin with ``prefix``.

    Calls ``s3:ListBucket``.

    Raises:
        NotSetUpError: there is no such bucket.
    """
    pages = aws.client("s3").get_paginator("list_objects_v2")
    try:
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"], Object(entry["ETag"].strip('"'), entry["LastModified"])
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        raise


def _rows(aws: Aws, table: str, prefix: str) -> list[Metadata]:
    return list(catalog.rows(aws, table, catalog.Query(prefix=prefix)))
