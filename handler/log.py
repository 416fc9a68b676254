"""A line of the log, as JSON, and what an invocation knows of itself."""

from __future__ import annotations

import json
import resource
import sys
from datetime import UTC, datetime
from typing import Protocol


class Context(Protocol):
    """What we use of Lambda's context object.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    aws_request_id: str
    memory_limit_in_mb: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left before Lambda ends the invocation."""


def memory_used() -> int:
    """Return the most MB that this environment's process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def log(context: Context, level: str, message: str, **facts: object) -> None:
    """Write one JSON line of the shape of Lambda's own, so that its level filter understands it."""
    line = {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "message": message,
        "requestId": context.aws_request_id,
    }
    sys.stdout.write(json.dumps({**line, **facts}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
