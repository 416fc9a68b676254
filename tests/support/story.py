"""The evidence of a picture that is well, to be changed where a test wants it otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from handler.schema import Metadata, Status
from imgpipe.function.invocations import Invocation
from imgpipe.function.lines import line
from imgpipe.pictures.story.evidence import Answer, Evidence, Original, Version
from imgpipe.pictures.story.told import Told

NOW: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)
PUT: Final = NOW - timedelta(hours=2)
KEY: Final = "a b/größe.jpg"
RESULT: Final = "a b/processed-größe.jpg"
ETAG: Final = "45f5cbb0431df76192767d0795dcd2c8"
REQUEST: Final = "962a06c1-1c46-4f2e-9d31-0f0d074958c8"
DENIED: Final = "GetObject was denied: no"
METRICS: Final = {
    "durationMs": 894.2,
    "memorySizeMB": 448,
    "maxMemoryUsedMB": 171,
    "initDurationMs": 312.4,
}


def event(said: Any, seconds: float = 1, stream: str = "s") -> dict[str, Any]:
    """A log event, so many seconds after the picture was put."""
    message = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    stamp = int((PUT + timedelta(seconds=seconds)).timestamp() * 1000)
    return {"logStreamName": stream, "timestamp": stamp, "message": message}


def said(message: str, seconds: float = 1, level: str = "INFO", **fields: Any) -> dict[str, Any]:
    """A line of the function's."""
    told = {"level": level, "message": message, "requestId": REQUEST, **fields}
    return event(told, seconds)


def report(seconds: float = 2, **record: Any) -> dict[str, Any]:
    """Lambda's report."""
    told = {"requestId": REQUEST, "metrics": METRICS, "status": "success", **record}
    return event({"type": "platform.report", "record": told}, seconds)


def start(seconds: float = 1) -> dict[str, Any]:
    """Lambda's line that a try begins."""
    record = {"requestId": REQUEST, "version": "3"}
    return event({"type": "platform.start", "record": record}, seconds)


def attempt(*events: dict[str, Any]) -> Invocation:
    """A try, as the log tells it."""
    return Invocation(REQUEST, tuple(map(line, events)))


def row(**values: Any) -> Metadata:
    """The row of the one result."""
    whole = Metadata(
        filename=RESULT,
        size=45_444,
        timestamp=(PUT + timedelta(seconds=2)).isoformat(timespec="milliseconds"),
        status=Status.PROCESSED,
        source_key=KEY,
        source_etag=ETAG,
        width=800,
        height=600,
        duration=103,
        request_id=REQUEST,
    )
    return replace(whole, **values)


def evidence(**values: Any) -> Evidence:
    """All that there is of a picture that went its way; a value that is no ``Told`` is one."""
    whole = {
        "original": Original(164_495, ETAG, PUT, "", "image/jpeg"),
        "versions": [Version("null", PUT, 164_495, ETAG, removed=False)],
        "wired": True,
        "rows": [row()],
        "failures": [],
        "invocations": [attempt(start(), said(f"begin {KEY}"), said(f"processed {KEY}"), report())],
        "spans": (),
        "results": {RESULT: 45_444},
        "shown": {RESULT: True},
        "answers": [Answer(RESULT, "https://d1.cloudfront.net/x", 200, "Hit from cloudfront", 12)],
        **values,
    }
    plain = {"key", "now", "follows", "bucket", "near", "spans"}
    told = {
        name: value if isinstance(value, Told) or name in plain else Told(value)
        for name, value in whole.items()
    }
    given: dict[str, Any] = {"key": KEY, "now": NOW, "follows": True, "bucket": "source", **told}
    return Evidence(**given)
