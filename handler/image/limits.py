"""Limits, held against a source's header before anything is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handler.image.encode import animates
from handler.image.fit import scaled_size
from handler.image.frames import frame_count
from handler.image.picture import Rejected

if TYPE_CHECKING:
    from handler.image.picture import Budget
    from handler.image.source import Source
    from handler.recipe import Recipe

_MIB: Final = 1024 * 1024
_RESIDENT: Final = 80 * _MIB
"""What interpreter, botocore and Pillow hold before there is a picture."""

_COSTS: Final = {
    "jpeg": (1, 5),
    "progressive": (7, 15),
    "png": (12, 40),
    "gif": (16, 25),
    "webp": (10, 25),
    "animated webp": (18, 40),
    "avif": (12, 40),
    "heif": (12, 45),
    "tiff": (12, 20),
    "bmp": (6, 10),
    "jpeg2000": (20, 280),
    "ico": (12, 40),
}
"""Bytes of memory at the peak, and nanoseconds of a whole processor, for each pixel of a source; measured, the worst kind."""

_SMALL: Final = 32
"""Bytes for each pixel of a rendition: up to four pixels of a JPEG's draft, and what resizing makes of them."""

_WHOLE_PROCESSOR: Final = 1769 * _MIB
"""The memory setting at which Lambda gives a function one whole vCPU; with less it gives that share of one."""


def admitted(source: Source, recipe: Recipe, budget: Budget) -> tuple[int, tuple[str, ...]]:
    """Return how many frames to keep and what to warn of; ``Rejected`` where even one frame is too much."""
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
    if count > 1 and not any(
        animates(rendition.format, source.format) for rendition in recipe.renditions
    ):
        return "no rendition's format can show them"
    return None


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
    finished = count * sum(width * height for width, height in sizes) * _SMALL
    return (
        _RESIDENT
        + 2 * len(source.data)
        + source.image.width * source.image.height * _cost(source)[0]
        + finished
    )


def _seconds(source: Source, count: int, budget: Budget) -> float:
    share = min(1.0, (budget.memory or _WHOLE_PROCESSOR) / _WHOLE_PROCESSOR)
    return count * source.image.width * source.image.height * _cost(source)[1] / 1e9 / share


def _cost(source: Source) -> tuple[int, int]:
    if source.format == "webp" and frame_count(source) > 1:
        return _COSTS["animated webp"]
    return _COSTS["progressive" if "progressive" in source.image.info else source.format]
