"""Limits, held against a source's header before anything is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handler.formats import FORMATS
from handler.image.frames import frame_count
from handler.image.opened import scans
from handler.image.outlay import memory_bytes, seconds
from handler.image.picture import Rejected

if TYPE_CHECKING:
    from handler.image.picture import Budget
    from handler.image.source import Source
    from handler.recipe import Recipe, Rendition

_MIB: Final = 1024 * 1024

# A JPEG tells each coefficient's bits in so many scans at most, unless it is made to take time.
_MOST_SCANS: Final = 500


def admitted(source: Source, recipe: Recipe, budget: Budget) -> tuple[int, tuple[str, ...]]:
    """Return how many frames to keep, and warnings; ``Rejected`` where even one is too much."""
    width, height = source.image.size
    if width * height > recipe.limits.pixels:
        raise Rejected(
            f"{width} x {height} are {width * height} pixels; the limit is {recipe.limits.pixels}"
        )
    if (passes := scans(source)) > _MOST_SCANS:
        raise Rejected(f"{passes} scans; at most {_MOST_SCANS} are decoded")
    if reason := _too_costly(source, 1, recipe, budget):
        raise Rejected(reason)
    count = frame_count(source)
    reason = _too_many(source, count, recipe) or _too_costly(source, count, recipe, budget)
    return (1, (f"{count} frames: {reason}; only the first is kept",)) if reason else (count, ())


def _too_many(source: Source, count: int, recipe: Recipe) -> str | None:
    limits, pixels = recipe.limits, count * source.image.width * source.image.height
    if count > limits.frames:
        return f"the limit is {limits.frames}"
    if count > 1 and pixels > limits.total_pixels:
        return f"{pixels} pixels in all, the limit is {limits.total_pixels}"
    if count > 1 and not any(_moves(rendition, source) for rendition in recipe.renditions):
        return "no rendition's format can show them"
    return None


def _moves(rendition: Rendition, source: Source) -> bool:
    kind = source.format if rendition.format == "keep" else FORMATS[rendition.format]
    return kind.encoder is not None and kind.encoder.moves


def _too_costly(source: Source, count: int, recipe: Recipe, budget: Budget) -> str | None:
    memory, time = memory_bytes(source, count, recipe), seconds(source, count, recipe, budget)
    if budget.memory is not None and memory > budget.memory:
        return f"about {memory // _MIB} MiB of memory are needed; there are {budget.memory // _MIB}"
    if budget.seconds is not None and time > budget.seconds:
        return f"about {time:.1f} seconds are needed; {budget.seconds:.1f} are left"
    return None
