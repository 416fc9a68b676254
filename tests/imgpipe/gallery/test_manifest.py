"""The gallery: newest first, one row a key, never lost to damage or to somebody quicker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from handler.schema import Metadata, Status
from imgpipe.aws.account import Aws
from imgpipe.gallery import manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "pictures"


@pytest.fixture
def aws() -> Iterator[Aws]:
    """An account in memory with an empty bucket."""
    with mock_aws():
        aws = Aws(
            boto3.Session("testing", "testing", region_name="us-east-1"), sleep=lambda _: None
        )
        aws.client("s3").create_bucket(Bucket=BUCKET)
        yield aws


def _row(key: str, day: int, status: Status = Status.PROCESSED, source: str = "s.jpg") -> Metadata:
    return Metadata(key, 1234, f"2026-01-{day:02}T00:00:00Z", status, source, width=800, height=600)


def _published(aws: Aws) -> list[dict[str, Any]]:
    return list(
        json.loads(aws.client("s3").get_object(Bucket=BUCKET, Key=manifest.KEY)["Body"].read())
    )


def _keys(aws: Aws) -> list[str]:
    return [row["key"] for row in _published(aws)]


def test_a_row_is_what_the_page_reads(aws: Aws) -> None:
    """Key, dimensions, bytes, source and time, and nothing else."""
    manifest.publish(aws, BUCKET, [_row("é/processed-a.jpg", 1, source="é/a.jpg")])
    assert _published(aws) == [
        {
            "key": "é/processed-a.jpg",
            "width": 800,
            "height": 600,
            "size": 1234,
            "source": "é/a.jpg",
            "timestamp": "2026-01-01T00:00:00Z",
        }
    ]


def test_browsers_ask_again_every_time(aws: Aws) -> None:
    """A new picture is in the next reload."""
    manifest.publish(aws, BUCKET, [_row("a", 1)])
    head = aws.client("s3").head_object(Bucket=BUCKET, Key=manifest.KEY)
    assert (head["CacheControl"], head["ContentType"]) == (
        "no-cache",
        "application/json; charset=utf-8",
    )


def test_newest_come_first_and_only_so_many_stay(aws: Aws) -> None:
    """Old and new are merged by time, whatever order they come in."""
    manifest.publish(aws, BUCKET, [_row("old", 1), _row("new", 9)])
    manifest.publish(aws, BUCKET, [_row("middle", 5)], limit=2)
    assert _keys(aws) == ["new", "middle"]


def test_a_picture_processed_again_has_one_row(aws: Aws) -> None:
    """The newer row of a key wins, also when the older one comes later."""
    manifest.publish(aws, BUCKET, [_row("a", 2, source="second"), _row("b", 3)])
    manifest.publish(aws, BUCKET, [_row("a", 1, source="first")])
    assert [(row["key"], row["source"]) for row in _published(aws)] == [
        ("b", "s.jpg"),
        ("a", "second"),
    ]


def test_rejected_pictures_are_not_shown(aws: Aws) -> None:
    """Nothing processed, nothing written."""
    manifest.publish(aws, BUCKET, [_row("broken", 1, status=Status.REJECTED)])
    with pytest.raises(ClientError, match="NoSuchKey"):
        _published(aws)


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe", b'{"key": 1}', b'[1, null, {"key": 2}, {"key": "no-size"}]']
)
def test_a_damaged_gallery_is_begun_anew(aws: Aws, damage: bytes) -> None:
    """Whatever stands there, what is not a row is dropped."""
    aws.client("s3").put_object(Bucket=BUCKET, Key=manifest.KEY, Body=damage)
    manifest.publish(aws, BUCKET, [_row("a", 1)])
    assert _keys(aws) == ["a"]


def test_a_write_between_reading_and_writing_is_noticed(aws: Aws) -> None:
    """The write is conditional on what was read: first on nothing being there, then on its ETag."""
    s3, rivals = aws.client("s3"), [_row("first rival", 2), _row("second rival", 3)]
    events = s3.meta.events

    def overtake(**_: object) -> None:
        if rivals:
            events.unregister("after-call.s3.GetObject", overtake)
            manifest.publish(aws, BUCKET, [rivals.pop()])
            events.register("after-call.s3.GetObject", overtake)

    events.register("after-call.s3.GetObject", overtake)
    manifest.publish(aws, BUCKET, [_row("mine", 1)])
    assert _keys(aws) == ["second rival", "first rival", "mine"]


def test_a_bucket_that_is_not_there_is_an_error(aws: Aws) -> None:
    """It is not waited for."""
    with pytest.raises(ClientError, match="NoSuchBucket"):
        manifest.publish(aws, "missing-bucket", [_row("a", 1)])
