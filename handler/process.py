"""One source picture: read it, render it, put what came of it, write its rows.

Safe to run twice, or twice at once. S3 sends events at least once and in any order, so nothing is
believed but the object as it is now: the *current* picture is processed, whatever the event said.
The rows decide a race: a row is only replaced by one of the same or a newer picture, and who finds
a rival's row written meanwhile does the work again, so that the newest picture's result stays.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from handler import image
from handler.job import Job, SourceObject
from handler.keys import is_possible, possible_keys, processed_key
from handler.schema import UPLOAD_ID, Metadata, Status
from handler.services import together

# A replaced picture is seen after five minutes at most, even where no invalidation comes through:
# caches then ask S3 whether it changed. Nothing may be served stale meanwhile, as every edge and
# every browser would do once more (https://www.rfc-editor.org/rfc/rfc5861#section-3).
CACHE_CONTROL: Final = "public, max-age=300"
# Rivals that keep overtaking each other are left to Lambda's own retry.
_ROUNDS: Final = 3
_LONGEST_PAGE: Final = "-page-100"
# Only a row of the same or an older picture may be replaced. The guide's own rows do not know their
# source.
_NEWEST_WINS: Final = (
    "attribute_not_exists(filename) OR attribute_not_exists(source_modified)"
    " OR source_modified <= :modified"
)


class OvertakenError(Exception):
    """Another invocation kept writing the same picture; a retry settles it."""


def process(job: Job) -> tuple[Metadata, ...]:
    """Process the object as it is now; return its rows, none if it is gone, one if it is rejected.

    Raises:
        ClientError: a passing fault, or a missing permission; Lambda retries, and then sends the
            event to the failure queue.
        OvertakenError: other invocations kept replacing the result.
    """
    seen = []
    for _ in range(_ROUNDS):
        started = _now()
        source = read(job)
        if source is None:
            return ()

        seen.append(source.etag)
        rows = publish(job, source)
        if all(together(partial(_record, job, started, _condition(seen)), rows)):
            return rows
    raise OvertakenError(f"{job.key} was replaced again and again while it was processed")


def read(job: Job) -> SourceObject | None:
    """Return the current object, ``None`` when it is gone (``s3:GetObject``)."""
    destination = job.destination
    try:
        answer = job.services.s3.get_object(Bucket=destination.source_bucket, Key=job.key)
    except ClientError as error:
        # With s3:ListBucket granted a missing key is NoSuchKey; a 403 then truly is a missing
        # permission.
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise

    size = answer["ContentLength"]
    # Entered itself, it would hand out the raw stream, whose checksum nobody verifies.
    with closing(answer["Body"]) as stream:
        body = stream.read() if size <= destination.recipe.limits.bytes else b""
    return SourceObject(
        body=body,
        size=size,
        etag=answer["ETag"].strip('"'),
        modified=answer["LastModified"].astimezone(UTC).isoformat(timespec="seconds"),
        upload_id=answer["Metadata"].get(UPLOAD_ID, ""),
        metadata=answer["Metadata"],
        cache_control=answer.get("CacheControl", ""),
    )


def publish(job: Job, source: SourceObject) -> tuple[Metadata, ...]:
    """Put every rendition into the destination bucket; return their rows (``s3:PutObject``).

    Of a rejected picture what its key held is deleted (``s3:DeleteObject``).
    """
    began = time.perf_counter()
    try:
        pictures = _render(job, source)
    except image.Rejected as rejection:
        row = _row(job, source, processed_key(job.key), began)
        if job.destination.follows and is_possible(row.filename):
            # What the picture was before must not outlive it; it goes before its row, as always.
            job.services.s3.delete_object(Bucket=job.destination.bucket, Key=row.filename)
        return (replace(row, status=Status.REJECTED, reason=str(rejection)),)

    keys = [
        processed_key(job.key, p.name, p.extension if p.changed_format else "") for p in pictures
    ]
    together(partial(_put, job, source), pictures, keys)
    return tuple(
        _described(_row(job, source, key, began), picture)
        for key, picture in zip(keys, pictures, strict=True)
    )


def _render(job: Job, source: SourceObject) -> tuple[image.Picture, ...]:
    recipe = job.destination.recipe
    if source.size > recipe.limits.bytes:
        most = f"at most {recipe.limits.bytes:,} are read"
        raise image.Rejected(f"the file has {source.size:,} bytes; {most}")

    names = [each.name + _LONGEST_PAGE * (each.pages == "all") for each in recipe.renditions]
    keys = [key for name in names for key in possible_keys(job.key, name)]
    if not all(map(is_possible, keys)):
        raise image.Rejected("the key is too long: its result's would pass 1,024 bytes")
    return image.render(source.body, recipe, job.budget(), assets=job.destination.assets)


def _put(job: Job, source: SourceObject, picture: image.Picture, key: str) -> None:
    rendition = picture.rendition
    wanted = source.cache_control if rendition.cache_control == "keep" else rendition.cache_control
    job.services.s3.put_object(
        Bucket=job.destination.bucket,
        Key=key,
        Body=picture.body,
        ContentType=picture.content_type,
        CacheControl=wanted or CACHE_CONTROL,
        Metadata={
            name: source.metadata[name]
            for name in rendition.keep_metadata
            if name in source.metadata
        },
    )


def _row(job: Job, source: SourceObject, key: str, began: float) -> Metadata:
    return Metadata(
        filename=key,
        size=0,
        timestamp=_now(),
        status=Status.PROCESSED,
        source_key=job.key,
        source_size=source.size,
        source_etag=source.etag,
        source_modified=source.modified,
        duration=round((time.perf_counter() - began) * 1000),
        request_id=job.request_id,
        upload_id=source.upload_id,
        fingerprint=job.destination.fingerprint,
    )


def _described(row: Metadata, picture: image.Picture) -> Metadata:
    return replace(
        row,
        size=len(picture.body),
        rendition=picture.name,
        width=picture.width,
        height=picture.height,
        content_type=picture.content_type,
        thumbhash=picture.thumbhash,
        colour=picture.colour,
        warnings=picture.warnings,
    )


def _condition(seen: Sequence[str]) -> str:
    """Return on what condition a row may be written, given the ETags of every round so far.

    An object that stands through all rounds is the truth, whatever its date: a multipart upload's
    is of its beginning, and in a versioned bucket an older version may have been brought back.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
    """
    stands = len(seen) == _ROUNDS and len(set(seen)) == 1
    return "" if stands else _NEWEST_WINS


def _record(job: Job, started: str, condition: str, row: Metadata) -> bool:
    """Write the row; say whether it stands for what is in the bucket.

    A rival that wrote after ``started`` puts that in doubt.
    """
    conditional = {
        "ConditionExpression": condition,
        "ExpressionAttributeValues": {":modified": {"S": row.source_modified}},
    }
    try:
        answer: dict[str, Any] = job.services.dynamodb.put_item(
            TableName=job.destination.table,
            Item=row.to_item(),
            ReturnValues="ALL_OLD",
            **(conditional if condition else {}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    rival = Metadata.from_item(answer.get("Attributes", {}))
    return rival.request_id == row.request_id or rival.timestamp < started


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
