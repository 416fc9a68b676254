"""Pictures removed: original, results and rows, whether or not the function lives to follow.

Whoever removes does all of it: docs/decisions/0018-rm-does-it-itself.md. The order is the
function's own, so that a run that is killed leaves by which the next one finds the rest: the
original, then each result, then its row. Each step may be done twice, or by both at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import ClientError

from handler.keys import is_possible, possible_keys
from handler.rows import as_read, row_key
from imgpipe.aws.errors import error_code, translated
from imgpipe.errors import ImgpipeError, PartialError
from imgpipe.pictures import leftovers, named
from imgpipe.pictures.contents import contents
from imgpipe.pictures.leftovers import Left

if TYPE_CHECKING:
    from handler.schema import Metadata
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.differences import Places
    from imgpipe.pictures.leftovers import Stores

T = TypeVar("T")
Done = TypeVar("Done")

_AT_ONCE: Final = 16


class Fate(StrEnum):
    """What became of a picture that was to be removed."""

    REMOVED = "removed"
    LINGERS = "lingers"
    CAME_BACK = "came back"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True)
class Picture:
    """What stands of one picture: whether its ``original`` does, and what was made of it."""

    key: str
    original: bool
    left: Left = field(default_factory=Left)

    @property
    def results(self) -> tuple[str, ...]:
        """The keys of its results, which visitors may see."""
        made = (row.filename for row in self.left.rows if row.is_public)
        return tuple(sorted({*made, *self.left.untold}))


@dataclass(frozen=True)
class Removed:
    """A picture's ``fate``, the ``reason`` where it is not simply gone, and what it was."""

    picture: Picture
    fate: Fate
    reason: str = ""


@dataclass(frozen=True)
class Remover:
    """The buckets and the table that pictures are removed from.

    ``untold``: results without a row may be taken for the picture's. In a bucket that was there
    before, they may be somebody's own.
    """

    source_bucket: str
    stores: Stores
    untold: bool


def find(
    aws: Aws, remover: Remover, names: Sequence[str]
) -> tuple[Sequence[Picture], Sequence[str]]:
    """Return what stands of the pictures called by ``names``, and the names that mean nothing.

    Calls what ``named.originals`` does.
    """
    meant = named.originals(aws, remover.source_bucket, remover.stores, names)
    keys = sorted({key for key in meant.values() if key is not None})
    found = _each(keys, partial(_standing, aws, remover))
    unknown = [name for name, key in meant.items() if key is None]
    return sorted(found, key=lambda picture: picture.key), unknown


def beneath(aws: Aws, remover: Remover, places: Places, prefix: str) -> Sequence[Picture]:
    """Return what stands of the pictures whose keys begin with ``prefix``, by key.

    Lists both buckets and the table once (``s3:ListBucket``, ``dynamodb:Scan``).
    """
    there = contents(aws, places, prefix)
    told = {row.filename for row in there.rows}
    rows: dict[str, list[Metadata]] = {key: [] for key in there.originals}
    for row in sorted(there.rows, key=lambda row: row.filename):
        if row.source_key.startswith(prefix) and row.source_key:
            rows.setdefault(row.source_key, []).append(row)

    def untold(key: str) -> Iterator[str]:
        names = (name for each in remover.stores.renditions for name in possible_keys(key, each))
        yield from (name for name in names if name in there.results and name not in told)

    return [
        Picture(key, key in there.originals, Left(tuple(of_key), tuple(sorted(untold(key)))))
        for key, of_key in sorted(rows.items())
    ]


def versions(aws: Aws, bucket: str, pictures: Sequence[Picture]) -> int | None:
    """Return how many versions of the originals S3 keeps; ``None`` where it keeps none.

    Calls ``s3:GetBucketVersioning`` and, of a bucket that has versions, ``s3:ListBucketVersions``.
    """
    s3 = aws.client("s3")
    if not s3.get_bucket_versioning(Bucket=bucket).get("Status"):
        return None

    def count(picture: Picture) -> int:
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=picture.key)
        found = (each for page in pages for each in page.get("Versions", []))
        return sum(each["Key"] == picture.key for each in found)

    return sum(_each(pictures, count))


def remove(aws: Aws, remover: Remover, pictures: Sequence[Picture]) -> Iterator[Removed]:
    """Remove each, some at once, and yield what became of it, as it ends.

    One that fails keeps no other (``s3:DeleteObject`` in both buckets, ``dynamodb:DeleteItem``, and
    what ``leftovers.look`` calls).
    """
    return _each(pictures, partial(_removed, aws, remover))


def raise_for_failures(done: Sequence[Removed]) -> None:
    """Raise ``PartialError`` unless every picture is gone from everywhere."""
    if left := sum(each.fate is not Fate.REMOVED for each in done):
        lingers = any(each.fate is Fate.LINGERS for each in done)
        raise PartialError(
            f"{left} of {len(done)} pictures are not gone",
            hint="the reasons stand above; to run it again does no harm",
            next=("status",) if lingers else (),
        )


def _standing(aws: Aws, remover: Remover, key: str) -> Picture:
    original = leftovers.has_original(aws, remover.source_bucket, key)
    return Picture(key, original, leftovers.look(aws, remover.stores, key))


def _removed(aws: Aws, remover: Remover, picture: Picture) -> Removed:
    try:
        with translated():
            bucket = remover.source_bucket
            aws.client("s3").delete_object(Bucket=bucket, Key=picture.key)
            left = leftovers.look(aws, remover.stores, picture.key)
            if leftovers.has_original(aws, bucket, picture.key):
                return _came_back(picture)
            _clear(aws, remover, left)
            # What was put while its result was deleted may have lost its own.
            if leftovers.has_original(aws, bucket, picture.key):
                return _came_back(picture)
    except ImgpipeError as error:
        return Removed(picture, Fate.FAILED, error.message)
    return Removed(picture, Fate.REMOVED)


def _came_back(picture: Picture) -> Removed:
    reason = "somebody put it again meanwhile: imgpipe reconcile sees to its results"
    return Removed(picture, Fate.CAME_BACK, reason)


def _clear(aws: Aws, remover: Remover, left: Left) -> None:
    """Delete results, each before its row: after a crash between the two the row still tells."""
    stores = remover.stores
    for name in left.untold if remover.untold else ():
        aws.client("s3").delete_object(Bucket=stores.bucket, Key=name)
    for row in left.rows:
        if is_possible(row.filename):
            aws.client("s3").delete_object(Bucket=stores.bucket, Key=row.filename)
        _delete_row(aws, stores.table, row)


def _delete_row(aws: Aws, table: str, row: Metadata) -> None:
    """Delete a row as it was read; one written since is that of a picture that came back."""
    try:
        aws.client("dynamodb").delete_item(
            TableName=table, Key=row_key(row.filename), **as_read(row)
        )
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise


def _each(what: Sequence[T], work: Callable[[T], Done]) -> Iterator[Done]:
    """Yield ``work`` of each as it ends, some at once."""
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="remove")
    try:
        running = [pool.submit(work, each) for each in what]
        yield from (done.result() for done in as_completed(running))
    finally:
        # Whoever stops here waits for no more than what is on its way.
        pool.shutdown(wait=False, cancel_futures=True)
