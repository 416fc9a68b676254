"""A bucket's objects: counted, and emptied of every version and unfinished upload."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent, already_gone
from imgpipe.errors import ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_Versions = Sequence[Mapping[str, str]]

# Counting asks S3 once for every thousand objects; a person needs no exact figure beyond this.
COUNTED: Final = 10_000
# S3 takes about 3,500 deletions a second under one prefix; a call of 1,000 lasts about a second.
_PAGES_AT_ONCE: Final = 4
_PASSING: Final = frozenset({"InternalError", "SlowDown", "ServiceUnavailable", "OperationAborted"})


def count_keys(aws: Aws, bucket: str, counts: Callable[[str], bool]) -> int:
    """Return for how many of a bucket's first ``COUNTED`` keys ``counts`` holds.

    A bucket that does not exist has none (``s3:ListBucket``).
    """
    pages = aws.client("s3").get_paginator("list_objects_v2")
    limited = pages.paginate(Bucket=bucket, PaginationConfig={"MaxItems": COUNTED})
    try:
        return sum(counts(entry["Key"]) for page in limited for entry in page.get("Contents", []))
    except ClientError as error:
        if absent(error):
            return 0
        raise


def count_versions(aws: Aws, bucket: str) -> int:
    """Return how many versions and delete markers ``bucket`` holds, ``COUNTED`` at most."""
    pages = aws.client("s3").get_paginator("list_object_versions")
    return sum(
        len(page.get("Versions", [])) + len(page.get("DeleteMarkers", []))
        for page in pages.paginate(Bucket=bucket, PaginationConfig={"MaxItems": COUNTED})
    )


def empty(aws: Aws, bucket: str) -> None:
    """Delete all there is in ``bucket``, 1,000 versions a call, a few calls at a time.

    Raises:
        ServiceError: S3 refuses to delete an object, for example one under a legal hold.
        KeyboardInterrupt: Ctrl-C was pressed; what is left is deleted by the next run.
    """
    pages = _versions(aws, bucket)
    with ThreadPoolExecutor(_PAGES_AT_ONCE, thread_name_prefix="empty") as pool:
        while batch := list(islice(pages, _PAGES_AT_ONCE)):
            _stop_if_interrupted(aws)
            list(pool.map(partial(_delete, aws, bucket), batch))
    _abort_uploads(aws, bucket)


def _versions(aws: Aws, bucket: str) -> Iterator[_Versions]:
    """Yield versions and delete markers by the page; DeleteObjects takes as many as one has."""
    for page in aws.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]


def _delete(aws: Aws, bucket: str, versions: _Versions) -> None:
    # DeleteObjects carries keys in XML, which cannot spell control characters; DeleteObject carries
    # them in the URL.
    _delete_together(aws, bucket, [each for each in versions if each["Key"].isprintable()])
    for each in versions:
        if not each["Key"].isprintable():
            aws.client("s3").delete_object(Bucket=bucket, **each)


def _delete_together(aws: Aws, bucket: str, versions: _Versions) -> None:
    if not versions:
        return

    def refusals() -> list[dict[str, Any]]:
        answer = aws.client("s3").delete_objects(
            Bucket=bucket, Delete={"Objects": versions, "Quiet": True}
        )
        return list(answer.get("Errors", []))

    # The answer is 200 whatever becomes of the single keys; deleting one twice does no harm.
    if refused := aws.settle(refusals, _final, what=f"bucket {bucket}", seconds=60):
        raise _stuck(bucket, refused)


def _final(refusals: Sequence[Mapping[str, str]]) -> bool:
    return not any(each["Code"] in _PASSING for each in refusals)


def _stuck(bucket: str, refusals: Sequence[Mapping[str, str]]) -> ServiceError:
    first = refusals[0]
    return ServiceError(
        f"bucket {bucket} cannot be emptied: S3 keeps {len(refusals)} objects, "
        f"among them {first['Key']!r}: {first.get('Message')}",
        hint="remove what holds them, then run the command again",
        aws_code=first["Code"],
    )


def _abort_uploads(aws: Aws, bucket: str) -> None:
    for page in aws.client("s3").get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        _stop_if_interrupted(aws)
        for upload in page.get("Uploads", []):
            with already_gone():
                aws.client("s3").abort_multipart_upload(
                    Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )


def _stop_if_interrupted(aws: Aws) -> None:
    if aws.interrupted.is_set():
        raise KeyboardInterrupt
