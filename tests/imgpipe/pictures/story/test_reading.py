"""What is read of a picture, from every part, and what of it may be denied."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.gallery import INDEX_KEY, Index
from handler.gallery_pictures import picture_of
from imgpipe.errors import NotSetUpError
from imgpipe.pictures.differences import Places
from imgpipe.pictures.story import reading
from imgpipe.pictures.story.evidence import Parts
from imgpipe.pictures.story.step import Outcome
from imgpipe.pictures.story.telling import tell
from tests.support import table
from tests.support.failed import event, record, send
from tests.support.story import KEY, RESULT, row

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.story.evidence import Evidence
    from tests.support.account import Calls, Faults

pytestmark = pytest.mark.slow

PARTS: Final = Parts(
    Places("source", "dest", "ImageMetadata", follows=True), "/aws/lambda/f", "failures", "d"
)


@pytest.fixture
def s3(aws: Aws) -> Any:
    """A picture that was processed, one failure of it, and a page that shows it."""
    client = aws.client("s3")
    for bucket in ("source", "dest"):
        client.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    client.put_bucket_versioning(Bucket="source", VersioningConfiguration={"Status": "Enabled"})
    etag = client.put_object(Bucket="source", Key=KEY, Body=b"x")["ETag"].strip('"')
    client.put_object(Bucket="source", Key=f"{KEY}.jpg", Body=b"another")
    client.put_object(Bucket="dest", Key=RESULT, Body=b"result")
    told = row(source_etag=etag, timestamp=datetime.now(UTC).isoformat(timespec="milliseconds"))
    table.make(aws.client("dynamodb"))
    aws.client("dynamodb").put_item(TableName=PARTS.places.table, Item=told.to_item())
    index = Index("w", filled=True, pictures=(picture_of(told),)).to_json()
    client.put_object(Bucket="dest", Key=INDEX_KEY, Body=json.dumps(index))
    aws.client("sqs").create_queue(QueueName=PARTS.queue)
    return client


def read(aws: Aws) -> Evidence:
    """All that there is of it."""
    return reading.gather(aws, PARTS, KEY)


def test_every_part_is_asked_and_nothing_is_changed(aws: Aws, s3: Any, calls: Calls) -> None:
    """Of this very key alone."""
    send(aws, PARTS.queue, record(event(KEY)), record(event("other.jpg")))
    calls.clear()
    e = read(aws)
    assert e.original.value
    assert e.original.value.size == 1
    assert [each.removed for each in e.versions.value or ()] == [False]
    assert e.wired.value is False
    assert [each.filename for each in e.rows.value or ()] == [RESULT]
    assert [each.key for each in e.failures.value or ()] == [KEY]
    assert e.results.value == {RESULT: 6}
    assert e.shown.value == {RESULT: True}
    assert e.answers.lacking
    assert set(calls.mutating) <= {
        "ReceiveMessage",
        "ChangeMessageVisibilityBatch",
        "FilterLogEvents",
    }


def test_delete_markers_are_seen(aws: Aws, s3: Any) -> None:
    """And when they were set."""
    s3.delete_object(Bucket="source", Key=KEY)
    e = read(aws)
    assert e.original.value is None
    assert [each.removed for each in e.versions.value or ()] == [False, True]
    assert tell(e).outcome in {Outcome.LEFT_OVER, Outcome.UNDER_WAY}


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("HeadObject", "original"),
        ("HeadObject", "results"),
        ("ListObjectVersions", "versions"),
        ("GetBucketNotificationConfiguration", "wired"),
        ("Query", "rows"),
        ("DescribeTable", "rows"),
        ("ReceiveMessage", "failures"),
        ("GetQueueUrl", "failures"),
        ("FilterLogEvents", "invocations"),
        ("GetObject", "shown"),
        ("ListDistributions", "answers"),
    ],
)
def test_a_read_that_is_denied_is_told_as_unknown(
    aws: Aws, s3: Any, faults: Faults, operation: str, name: str
) -> None:
    """With the operation, and the others all the same."""
    if name == "failures":
        send(aws, PARTS.queue, record(event(KEY)))
    with faults.denying(operation):
        e = read(aws)
    told = getattr(e, name)
    assert (told.value, told.lacking) == (None, False)
    assert operation in told.unknown
    others = {"rows", "failures", "wired"} - {name}
    assert all(getattr(e, each).value is not None for each in others)


@pytest.mark.parametrize("key", ["größe.jpg", "a b/grösse.jpg", "a b/größe.png"])
def test_a_slip_is_answered_with_what_is_there(aws: Aws, s3: Any, key: str) -> None:
    """In the same folder alone."""
    e = reading.gather(aws, PARTS, key)
    assert list(e.near)[:1] == ([KEY] if key.startswith("a b/") else [])
    assert tell(e).outcome is Outcome.NEVER_ARRIVED


def test_where_nothing_is_set_up_that_is_said(aws: Aws) -> None:
    """A picture is no use there."""
    with pytest.raises(NotSetUpError):
        read(aws)


def test_the_log_is_read_around_what_is_known_and_of_the_last_hour() -> None:
    """Of a busy pipeline it is too long to be read whole."""
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    once = now - timedelta(days=5)
    spans = reading._spans(now, [once, once + timedelta(minutes=30)])
    hours = sum((each.end - each.start).total_seconds() for each in spans) / 3600
    assert len(spans) == 2
    assert hours < 3
    (whole,) = reading._spans(now, [])
    assert whole.start == now - timedelta(days=1)
