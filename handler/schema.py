"""What function and command line agree on: variables, calls, rows. Standard library only.

Annotations are evaluated here, because a row's fields are read by their types.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Annotated, Any, Final, Self, get_args
from zlib import crc32

SOURCE_BUCKET: Final = "SOURCE_BUCKET"
DEST_BUCKET: Final = "DEST_BUCKET"
TABLE_NAME: Final = "TABLE_NAME"
RECIPE: Final = "RECIPE"
FINGERPRINT: Final = "FINGERPRINT"
REMOVED: Final = "REMOVED"
JPEG_XL: Final = "JPEG_XL"
DISTRIBUTION_ID: Final = "DISTRIBUTION_ID"
PAGE: Final = "PAGE"
DELIVERY: Final = "DELIVERY"

# What the functions call, by service: their clients have no method for any other. A test holds this
# against what they really do.
OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    "s3": frozenset({"GetObject", "HeadObject", "PutObject", "DeleteObject", "ListObjectsV2"}),
    "dynamodb": frozenset({"PutItem", "DeleteItem", "BatchGetItem", "Query"}),
    "cloudfront": frozenset({"CreateInvalidation"}),
    "lambda": frozenset({"GetFunctionConfiguration"}),
}

# The source of setup's self-test, which is in no bucket.
SELF_TEST_KEY: Final = "imgpipe-self-test.jpg"
PARTITION_KEY: Final = "filename"
# The table's indexes: the rows of a source key, and the newest rows.
SOURCE_INDEX: Final = "imgpipe-by-source"
TIME_INDEX: Final = "imgpipe-by-time"
# The time index is spread over so many partitions, each of which DynamoDB lets take 1,000 writes a
# second. Another number would need every row written anew.
SHARD: Final = "shard"
SHARDS: Final = 8
# S3 user metadata: set by `imgpipe upload`, carried into the row, so that an upload finds its own
# result.
UPLOAD_ID: Final = "imgpipe-upload"
# So begins the function's log line before it touches a picture: all that tells which one it was,
# where an invocation is cut off.
BEGIN: Final = "begin"
# A fact of that line where its execution environment was started for it.
COLD_START: Final = "cold_start"


class Removed(StrEnum):
    """What becomes of a source's results when it is removed."""

    FOLLOW = "follow"
    KEEP = "keep"


class Status(StrEnum):
    """What became of a source picture."""

    PROCESSED = "processed"
    REJECTED = "rejected"


def shard(filename: str) -> int:
    """Return the partition of the time index, 0 to ``SHARDS`` - 1, of the row with this key."""
    return crc32(filename.encode()) % SHARDS


def _integer(attribute: Mapping[str, Any]) -> int | None:
    if "N" not in attribute:
        return None
    try:
        return int(attribute["N"])
    except ValueError:  # somebody else's row may hold a fraction
        return int(float(attribute["N"]))


def _text(attribute: Mapping[str, Any]) -> str | None:
    return attribute.get("S")


def _texts(attribute: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "S" in attribute:  # what release 0.1.0 wrote
        return tuple(attribute["S"].split("\n"))
    return tuple(text["S"] for text in attribute["L"] if "S" in text) if "L" in attribute else None


def _status(attribute: Mapping[str, Any]) -> Status | None:
    return next((status for status in Status if status == attribute.get("S")), None)


# How a field is read from an AttributeValue, by its type; None where that holds another type.
_READERS: Final[Mapping[Any, Callable[[Mapping[str, Any]], Any]]] = {
    int: _integer,
    str: _text,
    tuple[str, ...]: _texts,
    Status: _status,
}


def _attribute(value: int | str | tuple[str, ...]) -> dict[str, Any]:
    if isinstance(value, tuple):
        return {"L": [{"S": text} for text in value]}
    return {"N": str(value)} if isinstance(value, int) else {"S": str(value)}


@dataclass(frozen=True)
class Metadata:
    """One row of the table: a rendition of a source picture, or the reason why there is none.

    ``filename``, ``size`` and ``timestamp`` are the guide's. Times are ISO 8601 in UTC.
    """

    filename: Annotated[str, "key of the result in the destination bucket; identifies the row"]
    size: Annotated[int, "bytes of the result"]
    timestamp: Annotated[str, "when the row was written"]
    status: Annotated[Status, "what became of it"]
    source_key: Annotated[str, "key of the original in the source bucket"]
    source_size: Annotated[int, "bytes of the original"] = 0
    source_etag: Annotated[str, "S3's ETag of the version that was read"] = ""
    source_modified: Annotated[str, "S3's LastModified of the version that was read"] = ""
    rendition: Annotated[str, "the rendition's name; empty for the default one"] = ""
    width: Annotated[int, "pixels"] = 0
    height: Annotated[int, "pixels"] = 0
    content_type: Annotated[str, "media type of the result"] = ""
    thumbhash: Annotated[str, "ThumbHash of the result, in Base64, for a placeholder"] = ""
    colour: Annotated[str, "dominant colour of the result, #rrggbb"] = ""
    duration: Annotated[int, "milliseconds that it took"] = 0
    request_id: Annotated[str, "Lambda's id of the invocation"] = ""
    upload_id: Annotated[str, "set when `imgpipe upload` sent it"] = ""
    reason: Annotated[str, "why it was rejected; empty if it was not"] = ""
    warnings: Annotated[tuple[str, ...], "what the photographer should know"] = ()
    fingerprint: Annotated[str, "recipe and code that made it; empty if an old release did"] = ""

    @property
    def is_public(self) -> bool:
        """Whether there is a result for visitors: not of a rejected picture, nor of a self-test."""
        return self.status == Status.PROCESSED and self.source_key != SELF_TEST_KEY

    def to_item(self) -> dict[str, dict[str, Any]]:
        """Return the row as DynamoDB's AttributeValues, its shard with it.

        Empty texts and lists are left out.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values[SHARD] = shard(self.filename)
        return {name: _attribute(value) for name, value in values.items() if value not in ("", ())}

    @classmethod
    def from_item(cls, item: Mapping[str, Mapping[str, Any]]) -> Self:
        """Return the row that ``item``, as DynamoDB's AttributeValues, holds.

        Never raises: the guide's own function may have written into the same table, and older
        releases did. What a row lacks, or holds as another type, takes its empty value; attributes
        unknown here are passed over.
        """
        empty = cls(filename="", size=0, timestamp="", status=Status.PROCESSED, source_key="")
        values = {name: _READERS[kind](item[name]) for name, kind in _TYPES.items() if name in item}
        return replace(
            empty, **{name: value for name, value in values.items() if value is not None}
        )


_TYPES: Final = {field.name: get_args(field.type)[0] for field in fields(Metadata)}
