"""The list behind the index page.

``gallery.json`` in the destination bucket, newest picture first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from handler.schema import Metadata, Status
from imgpipe.aws.errors import error_code

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

Row = Mapping[str, Any]

KEY: Final = "gallery.json"
_FIELDS: Final[Mapping[str, type]] = {
    "key": str,
    "width": int,
    "height": int,
    "size": int,
    "source": str,
    "timestamp": str,
}
_PATIENCE: Final = 10.0


def publish(aws: Aws, bucket: str, rows: Iterable[Metadata], limit: int = 200) -> None:
    """Add the processed ``rows`` to the gallery in ``bucket``; keep the newest ``limit``.

    A row takes the place of an older one of the same key. A gallery that is missing or damaged is
    begun anew. It is written only if nobody else wrote meanwhile
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html), so that two
    uploads at once lose nothing.
    """
    new = [_row(each) for each in rows if each.status == Status.PROCESSED]
    if new:
        aws.retry(lambda: _write(aws, bucket, new, limit), _overtaken, seconds=_PATIENCE, every=0.2)


def _write(aws: Aws, bucket: str, new: Sequence[Row], limit: int) -> None:
    old, condition = _read(aws, bucket)
    body = json.dumps(_merged(old, new)[:limit], ensure_ascii=False, separators=(",", ":")).encode()
    aws.client("s3").put_object(
        Bucket=bucket,
        Key=KEY,
        Body=body,
        ContentType="application/json; charset=utf-8",
        CacheControl="no-cache",
        **condition,
    )


def _read(aws: Aws, bucket: str) -> tuple[list[Row], dict[str, str]]:
    """Return the gallery, and the condition under which its successor may be written."""
    try:
        answer = aws.client("s3").get_object(Bucket=bucket, Key=KEY)
    except ClientError as error:
        if error_code(error) != "NoSuchKey":
            raise
        return [], {"IfNoneMatch": "*"}
    return _rows(answer["Body"].read()), {"IfMatch": answer["ETag"]}


def _rows(body: bytes) -> list[Row]:
    try:
        found = json.loads(body)
    except ValueError:
        return []
    return [each for each in found if _is_row(each)] if isinstance(found, list) else []


def _is_row(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), kind) for name, kind in _FIELDS.items()
    )


def _row(metadata: Metadata) -> Row:
    return {
        "key": metadata.filename,
        "width": metadata.width,
        "height": metadata.height,
        "size": metadata.size,
        "source": metadata.source_key,
        "timestamp": metadata.timestamp,
    }


def _merged(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    by_age = sorted([*old, *new], key=lambda row: str(row["timestamp"]))
    return sorted(
        {row["key"]: row for row in by_age}.values(),
        key=lambda row: str(row["timestamp"]),
        reverse=True,
    )


def _overtaken(error: ClientError) -> bool:
    """Somebody wrote, or deleted, the gallery after it was read."""
    return error_code(error) in {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
