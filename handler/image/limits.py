"""Limits, held against a source's header before anything is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handler.image.frames import frame_count
from handler.image.picture import Rejected

if TYPE_CHECKING:
    from handler.image.picture import Budget
    from handler.image.source import Source
    from handler.recipe import Recipe


def admitted(source: Source, recipe: Recipe, budget: Budget) -> tuple[int, list[str]]:
    """Return how many frames to keep and what to warn of; ``Rejected`` where even one frame is too much."""
    limits = recipe.limits
    width, height = source.image.size
    if width * height > limits.pixels:
        raise Rejected(f"{width} x {height} are {width * height} pixels; the limit is {limits.pixels}")
    count = frame_count(source)
    if count > limits.frames:
        return 1, [f"{count} frames; the limit is {limits.frames}: only the first is kept"]
    if count * width * height > limits.total_pixels:
        return 1, [f"{count * width * height} pixels in {count} frames; the limit is {limits.total_pixels}: only the first is kept"]
    return count, []
