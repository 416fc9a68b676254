"""Events, made and taken apart."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.event import Kind, ObjectEvent, object_events, s3_event, self_test_event

KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1)


def record(key: str, name: str = "ObjectCreated:Put", version: str = "2.1") -> dict[str, object]:
    """One S3 record."""
    return {
        "eventVersion": version,
        "eventName": name,
        "s3": {"bucket": {"name": "b"}, "object": {"key": key, "sequencer": "0A"}},
    }


def told(event: Any) -> list[ObjectEvent]:
    """What the function makes of the event once it has been JSON, as it is on its way to Lambda."""
    return list(object_events(json.loads(json.dumps(event))))


@given(KEYS, KEYS, st.sampled_from([Kind.CREATED, Kind.REMOVED]))
def test_an_event_that_was_made_tells_what_it_was_made_of(
    bucket: str, key: str, kind: Kind
) -> None:
    """Any key survives being encoded as S3 does."""
    assert told(s3_event(kind, bucket, key, "eu-west-1")) == [ObjectEvent(kind, bucket, key)]


@given(KEYS, st.binary())
def test_a_self_test_carries_its_picture(key: str, body: bytes) -> None:
    """Whatever the bytes are: an event is JSON."""
    assert told(self_test_event(key, body)) == [ObjectEvent(Kind.SELF_TEST, "", key, body)]


def test_an_event_made_looks_like_one_of_s3s() -> None:
    """With the attributes that a function of somebody else's may look at."""
    (made,) = s3_event(Kind.CREATED, "b", "a b/ü+.jpg", "eu-west-1")["Records"]
    assert made["eventName"] == "ObjectCreated:Put"
    assert made["s3"]["object"]["key"] == "a+b%2F%C3%BC%2B.jpg"
    assert made["eventTime"].endswith("Z")


def test_every_record_is_taken() -> None:
    """Not only the first, as the guide's code does."""
    event = {"Records": [record("a.jpg"), record("b.jpg")]}
    assert [each.key for each in told(event)] == ["a.jpg", "b.jpg"]


@given(KEYS)
def test_keys_come_back_as_they_were_uploaded(key: str) -> None:
    """S3 form-encodes keys; any text survives the way there and back."""
    assert [each.key for each in told({"Records": [record(quote_plus(key))]})] == [key]


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.6", "3.9"])
def test_no_event_version_is_matched_exactly(version: str) -> None:
    """AWS raises the version without asking."""
    assert len(told({"Records": [record("a", version=version)]})) == 1


def test_s3s_own_test_event_is_ignored() -> None:
    """It is sent when the notification is configured, and has no records."""
    assert told({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}) == []


def test_the_guides_test_event_is_understood() -> None:
    """It has neither an event name nor a version."""
    s3 = {"bucket": {"name": "raw-image-bucket"}, "object": {"key": "test-image.jpg"}}
    expected = ObjectEvent(Kind.CREATED, "raw-image-bucket", "test-image.jpg")
    assert told({"Records": [{"s3": s3}]}) == [expected]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ObjectCreated:CompleteMultipartUpload", Kind.CREATED),
        ("ObjectRemoved:Delete", Kind.REMOVED),
        ("ObjectRemoved:DeleteMarkerCreated", Kind.REMOVED),
        ("LifecycleExpiration:Delete", Kind.REMOVED),
    ],
)
def test_the_kind_follows_from_the_events_name(name: str, kind: Kind) -> None:
    """However the object came or went."""
    assert [each.kind for each in told({"Records": [record("a", name)]})] == [kind]


def test_other_events_of_a_bucket_are_passed_over() -> None:
    """New tags are no picture to process, and other services have no objects."""
    event = {"Records": [record("a", name="ObjectTagging:Put"), {"eventSource": "aws:sns"}]}
    assert told(event) == []


@pytest.mark.parametrize("event", [{}, {"detail": {}}, {"Records": "x"}])
def test_anything_else_is_refused(event: dict[str, object]) -> None:
    """A wrong trigger must not look like success."""
    with pytest.raises(ValueError, match="no Records"):
        told(event)
