"""Event shapes -> object references."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.event import ObjectReference, object_references


def record(key: str, name: str = "ObjectCreated:Put", version: str = "2.1") -> dict[str, object]:
    """One S3 record."""
    return {
        "eventVersion": version,
        "eventName": name,
        "s3": {"bucket": {"name": "b"}, "object": {"key": key, "sequencer": "0A"}},
    }


def test_every_record_is_taken() -> None:
    """Not only the first, as the guide's code does."""
    found = list(object_references({"Records": [record("a.jpg"), record("b.jpg")]}))
    assert found == [ObjectReference("b", "a.jpg"), ObjectReference("b", "b.jpg")]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1))
def test_keys_come_back_as_they_were_uploaded(key: str) -> None:
    """S3 form-encodes keys; any text survives the way there and back."""
    assert [each.key for each in object_references({"Records": [record(quote_plus(key))]})] == [key]


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.6", "3.9"])
def test_no_event_version_is_matched_exactly(version: str) -> None:
    """AWS raises the version without asking."""
    assert len(list(object_references({"Records": [record("a", version=version)]}))) == 1


def test_s3s_own_test_event_is_ignored() -> None:
    """It is sent when the notification is configured, and has no records."""
    assert (
        list(object_references({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}))
        == []
    )


def test_the_guides_test_event_is_understood() -> None:
    """It has neither an event name nor a version."""
    event = {
        "Records": [
            {"s3": {"bucket": {"name": "raw-image-bucket"}, "object": {"key": "test-image.jpg"}}}
        ]
    }
    assert list(object_references(event)) == [ObjectReference("raw-image-bucket", "test-image.jpg")]


def test_other_events_of_a_bucket_are_passed_over() -> None:
    """A removal is no picture to process."""
    assert (
        list(
            object_references(
                {"Records": [record("a", name="ObjectRemoved:Delete"), {"eventSource": "aws:sns"}]}
            )
        )
        == []
    )


@pytest.mark.parametrize("event", [{}, {"detail": {}}, {"Records": "x"}])
def test_anything_else_is_refused(event: dict[str, object]) -> None:
    """A wrong trigger must not look like success."""
    with pytest.raises(ValueError, match="no Records"):
        list(object_references(event))
