"""What Lambda calls: event -> object references -> process each -> one log line each.

Clients and settings are made once, outside the handler, so that a warm invocation repeats nothing.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from handler import schema
from handler.event import ObjectReference, object_references
from handler.image import Budget
from handler.process import Destination, Source, process, publish, read
from handler.recipe import Recipe
from handler.schema import Metadata, Status
from handler.services import connect

# Kept back from the time Lambda leaves us: for the puts, and to fail with a reason rather than be cut off.
_RESERVE: Final = 2.0

# What a reader of the log wants to see; the table has the rest.
_LOGGED: Final = (
    "filename",
    "width",
    "height",
    "size",
    "source_size",
    "duration",
    "reason",
    "warnings",
)

_SERVICES: Final = connect()
_DESTINATION: Final = Destination(
    source_bucket=os.environ[schema.SOURCE_BUCKET],
    bucket=os.environ[schema.DEST_BUCKET],
    table=os.environ[schema.TABLE_NAME],
    recipe=Recipe.from_json(os.environ.get(schema.RECIPE, "{}")),
    assets=Path(__file__).parent.parent / "assets",
)


class Context(Protocol):
    """What we use of Lambda's context object: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html."""

    aws_request_id: str
    memory_limit_in_mb: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left before Lambda ends the invocation."""


def lambda_handler(event: Mapping[str, Any], context: Context) -> dict[str, list[str]]:
    """Process every record of an S3 event, or run setup's self-test; return the keys by what became of them.

    All records are tried before the first fault is raised: Lambda then retries the event, and doing the good ones again
    changes nothing.
    """
    if schema.SELF_TEST in event:
        return _summary([], _self_test(event[schema.SELF_TEST], context))
    rows: list[Metadata] = []
    missing: list[str] = []
    faults: list[Exception] = []
    for reference in object_references(event):
        try:
            found = _process(reference, context)
        except Exception as fault:
            _log(
                context,
                "ERROR",
                f"failed {reference.key}",
                key=reference.key,
                error=f"{type(fault).__name__}: {fault}",
            )
            faults.append(fault)
        else:
            rows.extend(found)
            missing.extend([] if found else [reference.key])
    if faults:
        raise faults[0]
    return _summary(missing, rows)


def _process(reference: ObjectReference, context: Context) -> Sequence[Metadata]:
    if reference.key.endswith("/"):
        return ()  # the console's "folders" are empty objects
    if reference.bucket != _DESTINATION.source_bucket:
        _log(
            context,
            "WARN",
            f"the event names bucket {reference.bucket}; this function reads {_DESTINATION.source_bucket}",
            key=reference.key,
        )
    rows = process(
        reference, _SERVICES, _DESTINATION, lambda: _budget(context), context.aws_request_id
    )
    if not rows:
        _log(context, "WARN", f"{reference.key} is not in the source bucket", key=reference.key)
    for row in rows:
        _log_row(context, row)
    return rows


def _self_test(test: Mapping[str, str], context: Context) -> Sequence[Metadata]:
    """Prove that every part works and every permission is there: read the source bucket, render, put, write.

    The key does not exist, and a role that may read the bucket is told just that (NoSuchKey); one that may not gets a 403.
    """
    reference = ObjectReference(_DESTINATION.source_bucket, test["key"])
    read(reference, _SERVICES, _DESTINATION)
    body = base64.b64decode(test["body"])
    source = Source(
        reference.key, body, len(body), "", datetime.now(UTC).isoformat(timespec="seconds"), ""
    )
    rows = publish(source, _SERVICES, _DESTINATION, _budget(context), context.aws_request_id)
    for row in rows:
        _SERVICES.dynamodb.put_item(TableName=_DESTINATION.table, Item=row.to_item())
        _log_row(context, row)
    return rows


def _budget(context: Context) -> Budget:
    return Budget(
        memory=int(context.memory_limit_in_mb) * 1024 * 1024,
        seconds=context.get_remaining_time_in_millis() / 1000 - _RESERVE,
    )


def _summary(missing: Sequence[str], rows: Sequence[Metadata]) -> dict[str, list[str]]:
    return {
        "processed": [row.filename for row in rows if row.status == Status.PROCESSED],
        "rejected": [
            f"{row.source_key}: {row.reason}" for row in rows if row.status == Status.REJECTED
        ],
        "missing": list(missing),
    }


def _log_row(context: Context, row: Metadata) -> None:
    level = "INFO" if row.status == Status.PROCESSED else "WARN"
    facts = {name: value for name in _LOGGED if (value := getattr(row, name))}
    _log(context, level, f"{row.status} {row.source_key}", **facts)


def _log(context: Context, level: str, message: str, **facts: object) -> None:
    """Write one JSON line in the shape of Lambda's own JSON log format, so that its level filter understands it."""
    line = {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "message": message,
        "requestId": context.aws_request_id,
    }
    sys.stdout.write(json.dumps({**line, **facts}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
