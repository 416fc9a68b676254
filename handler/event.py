"""The shapes Lambda may be invoked with, and the object references in them. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


@dataclass(frozen=True)
class ObjectReference:
    """An object an event speaks of."""

    bucket: str
    key: str


def object_references(event: Mapping[str, Any]) -> Iterator[ObjectReference]:
    """Yield the created object of every record, keys decoded.

    S3 form-encodes the keys in its events, and sends a record version of 2.1 to 2.6 and on, so no version is matched:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html. S3's own test event and
    records of other services have no object and yield nothing. A record without an event name, such as the guide's test
    event, counts as a creation.

    Raises:
        ValueError: the event is none that this function understands.
    """
    if event.get("Event") == "s3:TestEvent":
        return
    if not isinstance(event.get("Records"), list):
        raise ValueError("the event has no Records: this function takes S3 events")
    for record in event["Records"]:
        if "s3" in record and record.get("eventName", "ObjectCreated:").startswith(
            "ObjectCreated:"
        ):
            s3 = record["s3"]
            yield ObjectReference(
                s3["bucket"]["name"],
                unquote_plus(s3["object"]["key"]),
            )
