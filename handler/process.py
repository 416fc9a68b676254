"""One source picture: read it, render it, put what came of it, write its rows. Safe to run twice, or twice at once.

S3 sends events at least once and in any order, so nothing is believed but the object as it is now: the *current* picture
is processed, whatever the event said. The rows decide a race: a row is only replaced by one of the same or a newer
picture, and who finds a rival's row written meanwhile does the work again, so that the newest picture's result stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from botocore.exceptions import ClientError

from handler import image
from handler.event import ObjectReference
from handler.recipe import Recipe
from handler.schema import UPLOAD_ID, Metadata, Status, processed_key
from handler.services import Services

T = TypeVar("T")

# A replaced picture is seen after five minutes at most, without an invalidation: CloudFront then asks S3 whether it changed.
CACHE_CONTROL: Final = "public, max-age=300, stale-while-revalidate=86400"
# Rivals that keep overtaking each other are left to Lambda's own retry.
_ROUNDS: Final = 3
_AT_ONCE: Final = 8  # botocore keeps ten connections
_LONGEST_KEY: Final = (
    1024  # bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
)
# Only a row of the same or an older picture may be replaced. The guide's own rows do not know their source.
_NEWEST_WINS: Final = "attribute_not_exists(filename) OR attribute_not_exists(source_modified) OR source_modified <= :modified"


class OvertakenError(Exception):
    """Another invocation kept writing the same picture; a retry settles it."""


@dataclass(frozen=True)
class Destination:
    """Where results go, and how they are made: bucket names, table name, recipe, and the folder of the user's own files."""

    source_bucket: str
    bucket: str
    table: str
    recipe: Recipe
    assets: Path


@dataclass(frozen=True)
class Source:
    """The current version of a source object: its bytes, or the reason they are not read."""

    key: str
    body: bytes
    size: int
    etag: str
    modified: str
    upload_id: str


def process(
    reference: ObjectReference,
    services: Services,
    destination: Destination,
    budget: Callable[[], image.Budget],
    request_id: str,
) -> tuple[Metadata, ...]:
    """Process the object as it is now and return its rows, none if it is gone; a picture that can never work has one, rejected.

    Raises:
        ClientError: a passing fault, or a missing permission; Lambda retries and then sends the event to the failure queue.
        OvertakenError: other invocations kept replacing the result.
    """
    for _ in range(_ROUNDS):
        started = _now()
        source = read(reference, services, destination)
        if source is None:
            return ()
        rows = publish(source, services, destination, budget(), request_id)
        if all(
            _together(
                partial(_record, services=services, destination=destination, started=started), rows
            )
        ):
            return rows
    raise OvertakenError(f"{reference.key} was replaced again and again while it was processed")


def read(reference: ObjectReference, services: Services, destination: Destination) -> Source | None:
    """Return the current object, or ``None`` when it is gone; a body over the limit is not read (``s3:GetObject``)."""
    try:
        found = services.s3.get_object(Bucket=destination.source_bucket, Key=reference.key)
    except ClientError as error:
        # With s3:ListBucket granted a missing key is NoSuchKey; a 403 then truly is a missing permission.
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    size = found["ContentLength"]
    with found["Body"] as stream:
        body = stream.read() if size <= destination.recipe.limits.bytes else b""
    modified = found["LastModified"].astimezone(UTC).isoformat(timespec="seconds")
    return Source(
        reference.key,
        body,
        size,
        found["ETag"].strip('"'),
        modified,
        found["Metadata"].get(UPLOAD_ID, ""),
    )


def publish(
    source: Source,
    services: Services,
    destination: Destination,
    budget: image.Budget,
    request_id: str,
) -> tuple[Metadata, ...]:
    """Render every rendition, put them into the destination bucket, and return their rows (``s3:PutObject``)."""
    began = time.perf_counter()
    try:
        pictures = _render(source, destination, budget)
    except image.Rejected as rejection:
        reason = str(rejection)
        return (
            replace(
                _row(source, processed_key(source.key), Status.REJECTED, request_id, began),
                reason=reason,
            ),
        )
    keys = [
        processed_key(source.key, p.rendition.name, p.extension if p.changed_format else "")
        for p in pictures
    ]
    _together(partial(_put, services=services, bucket=destination.bucket), pictures, keys)
    return tuple(
        _described(_row(source, key, Status.PROCESSED, request_id, began), picture)
        for key, picture in zip(keys, pictures, strict=True)
    )


def _render(
    source: Source, destination: Destination, budget: image.Budget
) -> tuple[image.Picture, ...]:
    limit = destination.recipe.limits.bytes
    if source.size > limit:
        raise image.Rejected(f"the file has {source.size:,} bytes; at most {limit:,} are read")
    names = (rendition.name for rendition in destination.recipe.renditions)
    if any(len(processed_key(source.key, name, "webp").encode()) > _LONGEST_KEY for name in names):
        raise image.Rejected(f"the key is too long: its result's would pass {_LONGEST_KEY:,} bytes")
    return image.render(source.body, destination.recipe, budget, assets=destination.assets)


def _put(picture: image.Picture, key: str, services: Services, bucket: str) -> None:
    services.s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=picture.body,
        ContentType=picture.content_type,
        CacheControl=CACHE_CONTROL,
    )


def _together(call: Callable[..., T], *several: Sequence[Any]) -> list[T]:
    """Return what ``call`` returns for each rendition; their requests overlap, because they would mostly wait."""
    if len(several[0]) == 1:
        return [call(*(each[0] for each in several))]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(call, *several))


def _row(source: Source, key: str, status: Status, request_id: str, began: float) -> Metadata:
    return Metadata(
        filename=key,
        size=0,
        timestamp=_now(),
        status=status,
        source_key=source.key,
        source_size=source.size,
        source_etag=source.etag,
        source_modified=source.modified,
        duration=round((time.perf_counter() - began) * 1000),
        request_id=request_id,
        upload_id=source.upload_id,
    )


def _described(row: Metadata, picture: image.Picture) -> Metadata:
    return replace(
        row,
        size=len(picture.body),
        rendition=picture.rendition.name,
        width=picture.width,
        height=picture.height,
        content_type=picture.content_type,
        warnings=picture.warnings,
    )


def _record(row: Metadata, services: Services, destination: Destination, started: str) -> bool:
    """Write the row; say whether it stands for what is in the bucket, which a rival writing at the same time puts in doubt."""
    try:
        answer: dict[str, Any] = services.dynamodb.put_item(
            TableName=destination.table,
            Item=row.to_item(),
            ConditionExpression=_NEWEST_WINS,
            ExpressionAttributeValues={":modified": {"S": row.source_modified}},
            ReturnValues="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    rival = Metadata.from_item(answer.get("Attributes", {}))
    return rival.request_id == row.request_id or rival.timestamp < started


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
