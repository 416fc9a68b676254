"""What happens while a folder is watched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of what happens."""

    SENT = "sent"
    REMOVED = "removed"
    KEPT = "kept"
    FAILED = "failed"
    IN_STEP = "in step"
    UNREACHABLE = "unreachable"
    REACHABLE = "reachable"


@dataclass(frozen=True)
class Event:
    """What happened to the file ``name``, or, where that is empty, to all ``count`` of them."""

    kind: Kind
    name: str = ""
    key: str = ""
    size: int = 0
    count: int = 0
    reason: str = ""
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
