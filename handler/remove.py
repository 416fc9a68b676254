"""A source picture that was removed: its results and rows go. Safe to run twice, or twice at once.

Events come late, doubled and out of order, so none is believed: what goes is what the object *as it
is now* did not bring about. Whoever took something away looks again: if the object came back, or an
earlier version took its place, its results are made. As the last to look acts on what it sees,
nothing stays without its source: docs/decisions/0008-results-follow-originals.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any, Final

from botocore.exceptions import ClientError

from handler.job import Job
from handler.keys import is_possible, possible_keys
from handler.process import OvertakenError, process
from handler.rows import as_read, read_rows, row_key
from handler.schema import PARTITION_KEY, SOURCE_INDEX, Metadata, Status

# To clear, to process what came back, and to see that it is so. Somebody who keeps putting and
# deleting one key is left to Lambda's own retry.
_ROUNDS: Final = 4

_Version = tuple[str, str]
"""ETag and LastModified, as a row has them."""


def follow(job: Job, made: tuple[Metadata, ...] = ()) -> tuple[Metadata, ...]:
    """Bring an object's results to what is there now; return the rows ``made``, here or before.

    None were made where the object is gone, or where its results are those of what is there. Once
    some were, those of another recipe or code are no results of it any more, either.

    Raises:
        ClientError: a passing fault, or a missing permission.
        OvertakenError: the object kept coming and going.
    """
    disturbed = False
    for _ in range(_ROUNDS):
        version, rows = _version(job), _rows(job)
        stale = [row for row in rows if not _stands(row, version, made)]
        clear(job, stale)
        # A rival's new result, put under the same key before its row, went with the stale one; or
        # the rival did the same to ours.
        disturbed = disturbed or any(_made_today(job, row) for row in stale) or _lost(job, made)
        if version is None:
            if is_gone(job):
                return ()
        elif len(rows) > len(stale) and not disturbed:
            return made
        else:
            made, disturbed = process(job), False
    raise OvertakenError(f"{job.key} came and went while its results were taken away")


def is_gone(job: Job) -> bool:
    """Say whether the source bucket has no such object, or a delete marker (``s3:HeadObject``)."""
    return _version(job) is None


def superseded(job: Job, rows: Iterable[Metadata]) -> bool:
    """Say whether the source is gone, or no more what ``rows`` were made of (``s3:HeadObject``).

    Whoever made the newer one may have looked for what outlives it before these rows were written.
    """
    version = _version(job)
    return version is None or any(_made_of(row) != version for row in rows)


def outlived(job: Job, rows: Iterable[Metadata]) -> bool:
    """Say whether the object has results beside ``rows``: of an earlier version, or recipe.

    A picture that was replaced by one of another format has left its result under another key. The
    index may not know what was written a moment ago (``dynamodb:Query``).
    """
    made = {row.filename for row in rows}
    return any(key not in made for key in _indexed(job))


def clear(job: Job, rows: Iterable[Metadata]) -> None:
    """Delete rows and the results they tell of (``s3:DeleteObject``, ``dynamodb:DeleteItem``).

    A result goes before its row: after a crash between the two, the row still tells of it.
    """
    for row in rows:
        if is_possible(row.filename):
            job.services.s3.delete_object(Bucket=job.destination.bucket, Key=row.filename)
        _delete(job, row)


def _version(job: Job) -> _Version | None:
    try:
        answer = job.services.s3.head_object(Bucket=job.destination.source_bucket, Key=job.key)
    except ClientError as error:
        # An answer to HEAD has no body: the code is the bare status. With s3:ListBucket granted a
        # 403 truly is a missing permission.
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return None
        raise
    modified = answer["LastModified"].astimezone(UTC).isoformat(timespec="seconds")
    return answer["ETag"].strip('"'), modified


def _made_of(row: Metadata) -> _Version:
    return row.source_etag, row.source_modified


def _stands(row: Metadata, version: _Version | None, made: Iterable[Metadata]) -> bool:
    """Say whether a row is one of the version that is there, and made as those ``made`` now."""
    ways = {each.fingerprint for each in made}
    return _made_of(row) == version and (not ways or row.fingerprint in ways)


def _made_today(job: Job, row: Metadata) -> bool:
    """Say whether today's recipe may make a result under this row's key; of further pages, yes."""
    names = {"", *(each.name for each in job.destination.recipe.renditions)}
    return "-" in row.rendition or row.rendition in names


def _lost(job: Job, made: Iterable[Metadata]) -> bool:
    """Say whether a result of the rows ``made`` is not in its bucket (``s3:ListObjectsV2``).

    A key stands before all that begin with it. HEAD would want to read what it only looks for.
    """
    keys = [row.filename for row in made if row.status == Status.PROCESSED]
    return not all(_is_listed(job, key) for key in keys)


def _is_listed(job: Job, key: str) -> bool:
    answer = job.services.s3.list_objects_v2(Bucket=job.destination.bucket, Prefix=key, MaxKeys=1)
    return key in {each["Key"] for each in answer.get("Contents", [])}


def _delete(job: Job, row: Metadata) -> None:
    """Delete a row as it was read; one written since is that of a picture that came back."""
    try:
        job.services.dynamodb.delete_item(
            TableName=job.destination.table, Key=row_key(row.filename), **as_read(row)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def _rows(job: Job) -> list[Metadata]:
    """Return the object's rows as the table has them now (``dynamodb:BatchGetItem``).

    The index knows those of earlier recipes, too, but not yet what was written a moment ago; so the
    keys that today's recipe may have given are asked for besides.
    """
    names = {"", *(each.name for each in job.destination.recipe.renditions)}
    likely = {key for name in names for key in possible_keys(job.key, name)}
    keys = likely | set(_indexed(job))
    rows = read_rows(job.services.dynamodb, job.destination.table, keys)
    return [row for row in rows.values() if row.source_key == job.key]


def _indexed(job: Job) -> Iterable[str]:
    """Yield the keys of the rows that the index knows of (``dynamodb:Query``)."""
    start: dict[str, Any] = {}
    while True:
        try:
            answer = job.services.dynamodb.query(
                TableName=job.destination.table,
                IndexName=SOURCE_INDEX,
                KeyConditionExpression="source_key = :source",
                ExpressionAttributeValues={":source": {"S": job.key}},
                **start,
            )
        except ClientError as error:
            # The index is not there, or still filling.
            if error.response["Error"]["Code"] == "ValidationException":
                return
            raise
        yield from (item[PARTITION_KEY]["S"] for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
