"""Limits, held against a source's header before anything is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handler.formats import FORMATS, Cost
from handler.image.fit import scaled_size
from handler.image.frames import frame_count
from handler.image.picture import Rejected

if TYPE_CHECKING:
    from handler.image.picture import Budget
    from handler.image.source import Source
    from handler.recipe import Recipe, Rendition

_MIB: Final = 1024 * 1024
# What interpreter, botocore and Pillow hold before there is a picture.
_RESIDENT_BYTES: Final = 80 * _MIB

# Bytes for each pixel of a rendition: up to four pixels of a JPEG's draft, and what resizing makes
# of them.
_RENDITION_PIXEL_BYTES: Final = 32

# The memory setting at which Lambda gives a function one whole vCPU; with less it gives that share
# of one.
_WHOLE_PROCESSOR_BYTES: Final = 1769 * _MIB


def admitted(source: Source, recipe: Recipe, budget: Budget) -> tuple[int, tuple[str, ...]]:
    """Return how many frames to keep, and warnings; ``Rejected`` where even one is too much."""
    width, height = source.image.size
    if width * height > recipe.limits.pixels:
        raise Rejected(
            f"{width} x {height} are {width * height} pixels; the limit is {recipe.limits.pixels}"
        )
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
    memory, seconds = _memory(source, count, recipe), _seconds(source, count, budget)
    if budget.memory is not None and memory > budget.memory:
        return f"about {memory // _MIB} MiB of memory are needed; there are {budget.memory // _MIB}"
    if budget.seconds is not None and seconds > budget.seconds:
        return f"about {seconds:.1f} seconds are needed; {budget.seconds:.1f} are left"
    return None


def _memory(source: Source, count: int, recipe: Recipe) -> int:
    """Bytes: the file, which some decoders copy, one decoded frame, and every finished one."""
    sizes = [scaled_size(source.image.size, rendition) for rendition in recipe.renditions]
    finished = count * sum(width * height for width, height in sizes) * _RENDITION_PIXEL_BYTES
    return (
        _RESIDENT_BYTES
        + 2 * len(source.data)
        + source.image.width * source.image.height * _cost(source).memory_bytes
        + finished
    )


def _seconds(source: Source, count: int, budget: Budget) -> float:
    share = min(1.0, (budget.memory or _WHOLE_PROCESSOR_BYTES) / _WHOLE_PROCESSOR_BYTES)
    return (
        count * source.image.width * source.image.height * _cost(source).nanoseconds / 1e9 / share
    )


def _cost(source: Source) -> Cost:
    kind = source.format
    if kind.moving_cost and frame_count(source) > 1:
        return kind.moving_cost
    if kind.progressive_cost and "progressive" in source.image.info:
        return kind.progressive_cost
    return kind.cost
