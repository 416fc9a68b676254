"""What Lambda calls: an event in, an action for each object it tells of, a log line for each.

Clients and settings are made once, outside the handler, so that a warm invocation repeats nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from handler.start import started
from handler import schema
from handler.budget import budget
from handler.event import (
    BATCH,
    Code,
    Kind,
    ObjectEvent,
    Task,
    TaskResult,
    batch_answer,
    batch_tasks,
    object_events,
    refusal_code,
)
from handler.job import Destination, Job, SourceObject
from handler.log import Context, log, memory_used
from handler.process import process, publish, read
from handler.recipe import Recipe
from handler.remove import follow, outlived, superseded
from handler.schema import Metadata, Removed, Status
from handler.services import connect

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

# Told by an execution environment's first line alone.
_NEW: Final = {schema.COLD_START: True}

_SERVICES: Final = connect()
_FOLLOWS: Final = os.environ.get(schema.REMOVED, Removed.FOLLOW) == Removed.FOLLOW
_DESTINATION: Final = Destination(
    source_bucket=os.environ[schema.SOURCE_BUCKET],
    bucket=os.environ[schema.DEST_BUCKET],
    table=os.environ[schema.TABLE_NAME],
    recipe=Recipe.from_json(os.environ.get(schema.RECIPE, "{}")),
    assets=Path(__file__).parent.parent / "assets",
    follows=_FOLLOWS,
    fingerprint=os.environ.get(schema.FINGERPRINT, ""),
)
started()


def lambda_handler(event: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Do what ``event`` asks for each object it tells of; return keys by what became of them.

    A job of S3 Batch Operations is answered task by task. Else all are tried before the first fault
    is raised: Lambda then retries the event, and doing the good ones again changes nothing.
    """
    if BATCH in event:
        refused = refusal_code(event)
        return batch_answer(event, [_task(each, refused, context) for each in batch_tasks(event)])
    rows: list[Metadata] = []
    missing: list[str] = []
    faults: list[Exception] = []
    for told in object_events(event):
        if told.kind not in _ACTIONS:
            continue
        try:
            written = _acted(told, context)
        except Exception as fault:
            faults.append(fault)
        else:
            rows.extend(written)
            missing.extend([] if written else [told.key])

    if faults:
        raise faults[0]
    return _summary(missing, rows)


def _acted(told: ObjectEvent, context: Context) -> Sequence[Metadata]:
    """Do what is asked for one object; a fault is logged with its key, and raised."""
    log(context, "INFO", f"{schema.BEGIN} {told.key}", **_NEW)
    _NEW.clear()
    try:
        return _ACTIONS[told.kind](told, context)
    except Exception as fault:
        log(context, "ERROR", f"failed {told.key}", key=told.key, error=_said(fault))
        raise


def _task(task: Task, refused: Code, context: Context) -> TaskResult:
    """Do a task; what can never work is ``refused``, and a fault fails until S3 gives it up."""
    try:
        rows = _acted(task.told, context)
    except Exception as fault:
        return TaskResult(task.id, Code.TEMPORARY, _said(fault))
    if reasons := [row.reason for row in rows if row.status == Status.REJECTED]:
        return TaskResult(task.id, refused, reasons[0])
    made = ", ".join(row.filename for row in rows)
    return TaskResult(task.id, Code.SUCCEEDED, made or "there is no picture to make anything of")


def _said(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"


def _created(told: ObjectEvent, context: Context) -> Sequence[Metadata]:
    """Process the object; return its rows, none where it is no picture or is gone again."""
    if told.key.endswith("/"):
        return ()  # the console's "folders" are empty objects
    if told.bucket != _DESTINATION.source_bucket:
        where = f"names bucket {told.bucket}; this function reads {_DESTINATION.source_bucket}"
        log(context, "WARN", f"the event {where}", key=told.key)

    job = _job(told, context)
    rows = process(job)
    if _FOLLOWS and superseded(job, rows):  # while it was processed
        rows = follow(job)
    elif _FOLLOWS and outlived(job, rows):
        rows = follow(job, rows)
    if not rows:
        log(context, "WARN", f"{told.key} is not in the source bucket", key=told.key)
    for row in rows:
        _log_row(context, row)
    return rows


def _removed(told: ObjectEvent, context: Context) -> Sequence[Metadata]:
    """Bring the results to what is there now; return the rows of what came back."""
    if not _FOLLOWS or told.key.endswith("/"):
        return ()
    rows = follow(_job(told, context))
    for row in rows:
        _log_row(context, row)
    return rows


def _self_test(told: ObjectEvent, context: Context) -> Sequence[Metadata]:
    """Prove every part and every permission: read the source bucket, render, put, write, delete.

    The key does not exist, and a role that may read the bucket is told just that (NoSuchKey); one
    that may not gets a 403.
    """
    job = _job(told, context)
    read(job)
    source = SourceObject(
        body=told.body,
        size=len(told.body),
        etag="",
        modified=datetime.now(UTC).isoformat(timespec="seconds"),
        upload_id="",
    )

    rows = publish(job, source)
    for row in rows:
        _SERVICES.dynamodb.put_item(TableName=_DESTINATION.table, Item=row.to_item())
        _log_row(context, row)
    if _FOLLOWS:
        follow(job)
    return rows


# What an event asks for, by its kind; a kind that is not here asks for nothing.
_ACTIONS: Final[Mapping[Kind, Callable[[ObjectEvent, Context], Sequence[Metadata]]]] = {
    Kind.CREATED: _created,
    Kind.REMOVED: _removed,
    Kind.SELF_TEST: _self_test,
}


def _job(told: ObjectEvent, context: Context) -> Job:
    return Job(
        key=told.key,
        services=_SERVICES,
        destination=_DESTINATION,
        request_id=context.aws_request_id,
        budget=lambda: budget(context),
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
    log(context, level, f"{row.status} {row.source_key}", **facts, memory_used=memory_used())
