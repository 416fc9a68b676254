"""The values the picture core speaks in: what it may use, what it makes, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handler.recipe import Rendition


class Rejected(Exception):
    """The source can never work: not an image, damaged, or over a limit. The message is the reason, for people."""


@dataclass(frozen=True)
class Budget:
    """What the process may use: ``memory`` in bytes and ``seconds`` left; ``None`` = not known, not bounded."""

    memory: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Picture:
    """One finished rendition: its encoded bytes, what they are, and what could not be done as asked.

    ``extension`` has no dot. ``changed_format`` says that ``extension`` has to be appended to the source's name,
    because the bytes are no longer in the source's format.
    """

    rendition: Rendition
    body: bytes
    content_type: str
    extension: str
    width: int
    height: int
    frames: int
    changed_format: bool
    warnings: tuple[str, ...]
