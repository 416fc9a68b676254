"""One step of a story: how it is found, and what its absence means."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from imgpipe.pictures.story.evidence import Evidence

MENDED: Final = "once that is mended"


class Outcome(StrEnum):
    """How a picture's story stands."""

    PROCESSED = "processed"
    REJECTED = "rejected"
    REMOVED = "removed"
    UNDER_WAY = "under way"
    FAILED = "failed"
    UNPROCESSED = "unprocessed"
    INCOMPLETE = "incomplete"
    LEFT_OVER = "left over"
    NEVER_ARRIVED = "never arrived"
    NO_PICTURE = "no picture"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Moment:
    """Something that happened at ``time`` (UTC); ``None`` = it is so now."""

    text: str
    time: datetime | None = None


@dataclass(frozen=True)
class Advice:
    """What a missing step means, why it is missing, and what to do: in words, and as commands."""

    outcome: Outcome
    why: str
    hint: str = ""
    next: tuple[str, ...] = ()


def _always(_: Evidence) -> bool:
    return True


@dataclass(frozen=True)
class Step:
    """A row of the table.

    Attributes:
        name: what people call it.
        reads: the evidence it is found in, by its name; where one is unknown, so may the step be.
        found: yields what happened; nothing where the step is missing.
        absent: what that means.
        due: whether the picture goes that way at all.
    """

    name: str
    reads: tuple[str, ...]
    found: Callable[[Evidence], Iterable[Moment]]
    absent: Callable[[Evidence], Advice]
    due: Callable[[Evidence], bool] = _always


def about(command: str, key: str) -> str:
    """Return ``command`` about ``key``, as it is typed."""
    return shlex.join([*command.split(), *(["--"] if key.startswith("-") else []), key])


def reconcile(key: str) -> str:
    """Return the command that mends what differs of ``key``."""
    return shlex.join(["reconcile", f"--prefix={key}"])
