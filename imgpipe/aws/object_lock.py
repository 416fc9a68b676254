"""Objects that S3 keeps whoever wants them gone: found before anything is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import denied, or_none

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# Each takes a call; what is locked later than this is met by the deletion itself.
_LOOKED_AT: Final = 1_000
_AT_ONCE: Final = 16


def locked_object(aws: Aws, bucket: str) -> str:
    """Return which object of ``bucket`` is locked, and how, in words; empty where none is.

    The first 1,000 versions are looked at, of a bucket with Object Lock alone, and none where the
    credentials may not (``s3:GetBucketObjectLockConfiguration``, ``s3:GetObjectRetention``,
    ``s3:GetObjectLegalHold``).
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """
    try:
        if not or_none(lambda: aws.client("s3").get_object_lock_configuration(Bucket=bucket)):
            return ""
        pages = aws.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket)
        versions = (version for page in pages for version in page.get("Versions", []))
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="locked") as pool:
            locks = pool.map(partial(_lock, aws, bucket), islice(versions, _LOOKED_AT))
            return next(filter(None, locks), "")
    except ClientError as error:
        if denied(error):
            return ""
        raise


def _lock(aws: Aws, bucket: str, version: Mapping[str, str]) -> str:
    key = version["Key"]
    head = or_none(
        lambda: aws.client("s3").head_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])
    )
    if head is None:
        return ""
    if head.get("ObjectLockLegalHoldStatus") == "ON":
        return f"{key!r} is under a legal hold"
    until = head.get("ObjectLockRetainUntilDate")
    locked = until is not None and until > datetime.now(UTC)
    return f"{key!r} is locked until {until:%Y-%m-%d}" if locked else ""
