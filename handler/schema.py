"""What the function and the command line must agree on: variable names, key naming, the metadata item. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from posixpath import splitext
from typing import Any, Final, Self

from handler.formats import ENCODERS

SOURCE_BUCKET: Final = "SOURCE_BUCKET"
DEST_BUCKET: Final = "DEST_BUCKET"
TABLE_NAME: Final = "TABLE_NAME"
RECIPE: Final = "RECIPE"

PREFIX: Final = "processed-"
PARTITION_KEY: Final = "filename"
# S3 user metadata: set by `imgpipe upload`, carried into the item, so that an upload finds its own result.
UPLOAD_ID: Final = "imgpipe-upload"
# What a rendition may get when it is not in its source's format.
EXTENSIONS: Final = tuple(each.extension for each in ENCODERS.values() if each.on_request)
SELF_TEST: Final = "selfTest"


class Status(StrEnum):
    """What became of a source picture."""

    PROCESSED = "processed"
    REJECTED = "rejected"


def processed_key(source_key: str, rendition: str = "", extension: str = "") -> str:
    """Return the key a rendition is stored under, beside the same prefix: ``a/photo.jpg`` -> ``a/processed-photo.jpg``.

    A named rendition carries its name behind the stem. ``extension`` is given when the format changed, and is appended
    rather than replacing the source's, so that ``scan.tiff`` and ``scan.jpg`` never meet.
    """
    prefix, slash, name = source_key.rpartition("/")
    stem, suffix = splitext(name)
    named = f"{stem}-{rendition}{suffix}" if rendition else name
    return f"{prefix}{slash}{PREFIX}{named}" + (f".{extension}" if extension else "")


def possible_keys(source_key: str, rendition: str = "") -> tuple[str, ...]:
    """Return every key the rendition may end up under: which one depends on the bytes, which only the function looks at."""
    return tuple(processed_key(source_key, rendition, extension) for extension in ("", *EXTENSIONS))


@dataclass(frozen=True)
class Metadata:
    """One row of the table: a rendition of a source picture, or the reason why there is none.

    ``filename``, ``size`` (bytes) and ``timestamp`` (ISO 8601, UTC) are the guide's. Sizes are in bytes, ``width`` and
    ``height`` in pixels, ``duration`` in milliseconds; ``source_modified`` is S3's LastModified of the version read,
    ISO 8601; ``upload_id`` is set when `imgpipe upload` sent it; ``warnings`` are separated by newlines.
    """

    filename: str
    size: int
    timestamp: str
    status: str
    source_key: str
    source_size: int = 0
    source_etag: str = ""
    source_modified: str = ""
    rendition: str = ""
    width: int = 0
    height: int = 0
    content_type: str = ""
    duration: int = 0
    request_id: str = ""
    upload_id: str = ""
    sequencer: str = ""
    reason: str = ""
    warnings: str = ""

    def to_item(self) -> dict[str, dict[str, str]]:
        """Return the row as DynamoDB's AttributeValues; empty texts are left out."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            name: {"N": str(value)} if isinstance(value, int) else {"S": value}
            for name, value in values.items()
            if value != ""
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Mapping[str, Any]]) -> Self:
        """Read a row back; attributes unknown here, and types that are not ours, are ignored rather than fatal.

        The guide's own function may have written rows into the same table: whatever a row lacks takes its empty value.
        """
        values: dict[str, Any] = {
            "filename": "",
            "size": 0,
            "timestamp": "",
            "status": Status.PROCESSED.value,
            "source_key": "",
        }
        for f in fields(cls):
            value = item.get(f.name, {})
            if f.type == "int" and "N" in value:
                values[f.name] = _whole(str(value["N"]))
            elif f.type == "str" and "S" in value:
                values[f.name] = str(value["S"])
        return cls(**values)


def _whole(number: str) -> int:
    try:
        return int(number)
    except ValueError:  # somebody else's row may hold a fraction
        return int(float(number))
