"""The events that Lambda may be invoked with: made, and taken apart."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus, unquote_plus

from handler.schema import PARTITION_KEY, Metadata

# What names the schema of an event of S3 Batch Operations:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
BATCH: Final = "invocationSchemaVersion"
# A job's own argument: what a refused picture is answered, where that is no failure of the job's.
REFUSED: Final = "refused"
# What a task's result may say at most; it goes into the job's report.
_LONGEST_RESULT: Final = 1_000
# The events that bring the table's rows onto the page, and compare what is on it with the table,
# each with where to begin.
FILL: Final = "fill"
COMPARE: Final = "compare"


class Kind(StrEnum):
    """What an event tells of an object; S3's kinds are spelled as it spells them."""

    CREATED = "ObjectCreated"
    REMOVED = "ObjectRemoved"
    SELF_TEST = "selfTest"


# The first part of S3's event names; the kinds that are missing here concern no picture:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
_KINDS: Final = {
    "ObjectCreated": Kind.CREATED,
    "ObjectRemoved": Kind.REMOVED,
    "LifecycleExpiration": Kind.REMOVED,
}
_EVENT_NAMES: Final = {Kind.CREATED: "ObjectCreated:Put", Kind.REMOVED: "ObjectRemoved:Delete"}


class ObjectEvent(NamedTuple):
    """One thing that an event tells.

    ``body`` is the self-test's picture, whose object does not exist, and in no bucket.
    """

    kind: Kind
    bucket: str
    key: str
    body: bytes = b""


class Code(StrEnum):
    """What S3 Batch Operations does with a task: only what failed temporarily is tried again."""

    SUCCEEDED = "Succeeded"
    TEMPORARY = "TemporaryFailure"
    PERMANENT = "PermanentFailure"


class Task(NamedTuple):
    """One object of a job of S3 Batch Operations, by the ``id`` that its result is to have."""

    id: str
    told: ObjectEvent


class TaskResult(NamedTuple):
    """What became of a task, and what the job's report says of it."""

    id: str
    code: Code
    text: str


class RowChange(NamedTuple):
    """One change of the table, as its stream tells it: the row's key, and what it was and became.

    ``None`` is no row; ``id`` is the same however often the change is told.
    """

    id: str
    key: str
    old: Metadata | None
    new: Metadata | None

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Where the row stood and stands among all: the time it was written, and its key."""
        return tuple((row.timestamp, self.key) for row in (self.old, self.new) if row)

    @property
    def replaced(self) -> bool:
        """Whether the result under this key was made anew, or taken away.

        Not where just a row was given its shard.
        """
        if self.old is None or not self.old.is_public:
            return False
        return self.new is None or self.new.timestamp != self.old.timestamp


def s3_event(kind: Kind, bucket: str, key: str, region: str) -> dict[str, Any]:
    """Return the event that S3 sends when ``key`` was created or removed."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": now.replace("+00:00", "Z"),
        "eventName": _EVENT_NAMES[kind],
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {"key": quote_plus(key)},
        },
    }
    return {"Records": [record]}


def self_test_event(key: str, body: bytes) -> dict[str, Any]:
    """Return the event of setup's self-test: the picture ``body`` as if it were at ``key``."""
    return {Kind.SELF_TEST: {"key": key, "body": b64encode(body).decode()}}


def empty_event() -> dict[str, Any]:
    """Return an event that tells of no object: the function starts, and has nothing to do."""
    return {"Records": []}


def object_events(event: Mapping[str, Any]) -> Iterator[ObjectEvent]:
    """Yield what ``event`` tells, one for each object, keys decoded.

    S3 form-encodes the keys in its events, and raises the version of its records without asking, so
    none is matched:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html.
    S3's own test event tells of no object, nor do other services' records. A record without an
    event name, such as the guide's test event, counts as a creation.

    Raises:
        ValueError: the event is none that this function understands.
    """
    if Kind.SELF_TEST in event:
        test = event[Kind.SELF_TEST]
        yield ObjectEvent(Kind.SELF_TEST, "", test["key"], b64decode(test["body"]))
    elif isinstance(event.get("Records"), list):
        for record in event["Records"]:
            yield from _of_record(record)
    elif event.get("Event") != "s3:TestEvent":
        raise ValueError("the event has no Records: this function takes S3 events")


def _of_record(record: Mapping[str, Any]) -> Iterator[ObjectEvent]:
    name = record.get("eventName", _EVENT_NAMES[Kind.CREATED])
    kind = _KINDS.get(name.partition(":")[0])
    if "s3" in record and kind:
        s3 = record["s3"]
        yield ObjectEvent(kind, s3["bucket"]["name"], unquote_plus(s3["object"]["key"]))


def batch_tasks(event: Mapping[str, Any]) -> Iterator[Task]:
    """Yield the tasks of an event of S3 Batch Operations, each as if its object had been created.

    Keys are URL-encoded. Schema 2.0 names the bucket, 1.0 its ARN. The version that a manifest may
    name is not looked at: as everywhere, the object as it is decides.
    """
    for task in event["tasks"]:
        bucket = task.get("s3Bucket") or task["s3BucketArn"].rpartition(":")[2]
        told = ObjectEvent(Kind.CREATED, bucket, unquote_plus(task["s3Key"]))
        yield Task(task["taskId"], told)


def refusal_code(event: Mapping[str, Any]) -> Code:
    """Return what the job wants to hear of a picture that can never work: schema 2.0 may say it."""
    told = event.get("job", {}).get("userArguments") or {}
    return Code(told.get(REFUSED, Code.PERMANENT))


def batch_answer(event: Mapping[str, Any], results: Iterable[TaskResult]) -> dict[str, Any]:
    """Return the answer that S3 Batch Operations expects; a task that is missing in it failed."""
    return {
        BATCH: event[BATCH],
        "treatMissingKeysAs": Code.PERMANENT,
        "invocationId": event["invocationId"],
        "results": [
            {
                "taskId": each.id,
                "resultCode": each.code,
                "resultString": each.text[:_LONGEST_RESULT],
            }
            for each in results
        ],
    }


def row_changes(event: Mapping[str, Any]) -> Iterator[RowChange]:
    """Yield the changes that a batch of the table's stream tells.

    https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
    """
    for record in event["Records"]:
        told = record["dynamodb"]
        yield RowChange(
            record["eventID"],
            told["Keys"][PARTITION_KEY]["S"],
            _row(told.get("OldImage")),
            _row(told.get("NewImage")),
        )


def _row(image: Mapping[str, Any] | None) -> Metadata | None:
    return Metadata.from_item(image) if image else None
