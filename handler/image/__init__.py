"""The picture core: bytes and a recipe in, finished pictures and facts out. Pure; the only package in handler/ that imports PIL."""

from __future__ import annotations

from dataclasses import dataclass

from handler.recipe import Recipe, Rendition


class Rejected(Exception):
    """The source can never work: not an image, damaged, or over a limit. The message is the reason, for people."""


@dataclass(frozen=True)
class Budget:
    """What the process may use: ``memory`` in bytes and ``seconds`` left; ``None`` = not known, not bounded."""

    memory: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Picture:
    """One finished rendition: its encoded bytes, what they are, and what could not be done as asked."""

    rendition: Rendition
    body: bytes
    content_type: str
    extension: str
    width: int
    height: int
    frames: int
    changed_format: bool
    warnings: tuple[str, ...]


def render(source: bytes, recipe: Recipe, budget: Budget = Budget()) -> tuple[Picture, ...]:
    """Return one finished picture for each rendition of ``recipe``; ``Rejected`` where ``source`` can never work."""
    raise NotImplementedError
