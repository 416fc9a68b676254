"""Limits, held against a source's header before anything is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handler.image.encode import animates
from handler.image.frames import frame_count
from handler.image.picture import Rejected

if TYPE_CHECKING:
    from handler.image.picture import Budget
    from handler.image.source import Source
    from handler.recipe import Recipe


def admitted(source: Source, recipe: Recipe, budget: Budget) -> tuple[int, tuple[str, ...]]:
    """Return how many frames to keep and what to warn of; ``Rejected`` where even one frame is too much."""
    width, height = source.image.size
    if width * height > recipe.limits.pixels:
        raise Rejected(f"{width} x {height} are {width * height} pixels; the limit is {recipe.limits.pixels}")
    count = frame_count(source)
    reason = _too_many(source, count, recipe)
    return (1, (f"{count} frames: {reason}; only the first is kept",)) if reason else (count, ())


def _too_many(source: Source, count: int, recipe: Recipe) -> str | None:
    limits, pixels = recipe.limits, count * source.image.width * source.image.height
    if count > limits.frames:
        return f"the limit is {limits.frames}"
    if count > 1 and pixels > limits.total_pixels:
        return f"{pixels} pixels in all, the limit is {limits.total_pixels}"
    if count > 1 and not any(animates(rendition.format, source.format) for rendition in recipe.renditions):
        return "no rendition's format can show them"
    return None
