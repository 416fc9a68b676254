"""Which picture an error struck, where its line does not say.

The function says ``begin KEY`` before it touches a picture. An execution environment runs one
invocation at a time and writes a log stream of its own, so an error there belongs to the picture
that was begun last: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from handler.schema import BEGIN

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

Event = Mapping[str, Any]

# The longest that an invocation may last.
_BEFORE_MILLISECONDS: Final = 15 * 60 * 1000
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
_STREAMS_A_CALL: Final = 100


def keys(aws: Aws, group: str, errors: Sequence[Event]) -> dict[str, str]:
    """Return the key of the picture that was being processed, by each error's ``identity``.

    Those without one are left out (``logs:FilterLogEvents``).
    """
    begun = defaultdict(list)
    for event in _begins(aws, group, errors):
        begun[event["logStreamName"]].append(event)
    found = {}
    for error in errors:
        before = [
            event
            for event in begun[error["logStreamName"]]
            if _at_the_same_invocation(event, error)
        ]
        if before:
            found[identity(error)] = _key(before[-1])
    return found


def identity(event: Event) -> str:
    """Return what tells an event from others: AWS numbers them; the embedded one does not."""
    return str(
        event.get("eventId") or (event["logStreamName"], event["timestamp"], event["message"])
    )


def _begins(aws: Aws, group: str, errors: Sequence[Event]) -> Iterator[Event]:
    streams = sorted({error["logStreamName"] for error in errors})
    times = [error["timestamp"] for error in errors]
    pages = aws.client("logs").get_paginator("filter_log_events")
    for start in range(0, len(streams), _STREAMS_A_CALL):
        for page in pages.paginate(
            logGroupName=group,
            logStreamNames=streams[start : start + _STREAMS_A_CALL],
            filterPattern=BEGIN,
            startTime=max(0, min(times) - _BEFORE_MILLISECONDS),
            endTime=max(times) + 1,
        ):
            yield from (event for event in page["events"] if _key(event))


def _at_the_same_invocation(begin: Event, error: Event) -> bool:
    begun, struck = _request_id(begin), _request_id(error)
    same = not (begun and struck) or begun == struck
    return same and bool(begin["timestamp"] <= error["timestamp"])


def _key(event: Event) -> str:
    word, _, key = str(_said(event).get("message")).partition(" ")
    return key if word == BEGIN else ""


def _request_id(event: Event) -> str:
    said = _said(event)
    record = said.get("record")
    told = record if isinstance(record, dict) else said
    return str(told.get("requestId", ""))


def _said(event: Event) -> dict[str, Any]:
    try:
        said = json.loads(event["message"])
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
