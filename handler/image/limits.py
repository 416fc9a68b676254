"""Limits, held against a source's header before anything is decoded."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from handler.formats import FORMATS
from handler.image.estimate import (
    FRAME_BYTES,
    FRAME_NANOSECONDS,
    MOVING_BYTES,
    MOVING_ENCODER_BYTES,
    pixel_bytes,
    pixel_nanoseconds,
    row_bytes,
    scans,
)
from handler.image.fit import scaled_size
from handler.image.frames import block_of, frame_count, has_default
from handler.image.picture import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handler.image.picture import Budget
    from handler.image.source import Source
    from handler.recipe import Recipe, Rendition

_MIB: Final = 1024 * 1024
# What interpreter, botocore and Pillow hold before there is a picture.
RESIDENT_BYTES: Final = 80 * _MIB

# Bytes for each pixel of a rendition: up to four pixels of a JPEG's draft, and what resizing makes
# of them.
_RENDITION_PIXEL_BYTES: Final = 32

# The memory setting at which Lambda gives a function one whole vCPU; with less it gives that share
# of one.
_WHOLE_PROCESSOR_BYTES: Final = 1769 * _MIB

# What a pixel of a source takes more, in bytes and in time, to be scaled in linear light: a JPEG's
# are all decoded, colours are converted before, and floats are made in strips.
_LINEAR_BYTES: Final = 10
_LINEAR_NANOSECONDS: Final = 25

# Of what is never there as a whole in all that scaling makes of it, because blocks of pixels are
# averaged before: what a pixel takes by format, mode, chroma and depth.
_AVERAGED_BYTES: Final[Mapping[tuple[object, ...], float]] = {
    ("heif", "RGB", "420", 8): 4.6,
    ("png", "RGBA", None, None): 5.6,
    ("png", "LA", None, None): 5.6,
}

# Formats whose decoders copy the whole file; and an animation's result is as large, and copied.
_COPIED: Final = frozenset({"webp", "avif", "heif", "jpeg2000"})
_MOVING_COPIES: Final = 3

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
    memory, seconds = memory_bytes(source, count, recipe), _seconds(source, count, recipe, budget)
    if budget.memory is not None and memory > budget.memory:
        return f"about {memory // _MIB} MiB of memory are needed; there are {budget.memory // _MIB}"
    if budget.seconds is not None and seconds > budget.seconds:
        return f"about {seconds:.1f} seconds are needed; {budget.seconds:.1f} are left"
    return None


def memory_bytes(source: Source, count: int, recipe: Recipe) -> int:
    """Return bytes: the file, a decoded frame, and what is held of every finished one."""
    size = source.image.size
    areas = [(each, prod(scaled_size(size, each))) for each in recipe.renditions]
    working = sum(area for _, area in areas) * _RENDITION_PIXEL_BYTES
    copies = _MOVING_COPIES if count > 1 else 2 if source.format.name in _COPIED else 1
    return int(
        RESIDENT_BYTES
        + copies * len(source.data)
        + prod(size) * _pixel_bytes(source, count, recipe)
        # A picture that lies on its side is turned.
        + max(size) * row_bytes(source)
        + working
        + (_moving_bytes(source, count, areas) if count > 1 else 0)
    )


def _pixel_bytes(source: Source, count: int, recipe: Recipe) -> float:
    still = count == 1 and not has_default(source)
    if still and min(block_of(source, recipe.renditions)) > 1:
        image = source.image
        kind = source.format.name, image.mode, *map(image.info.get, ("chroma", "bit_depth"))
        if averaged := _AVERAGED_BYTES.get(kind):
            return averaged
    return pixel_bytes(source, count) + _LINEAR_BYTES * _linear(recipe)


def _moving_bytes(source: Source, count: int, areas: Sequence[tuple[Rendition, int]]) -> float:
    """Return what an animation's encoders hold; they work one after the other."""
    return MOVING_ENCODER_BYTES + max(
        area * (_frame(MOVING_BYTES, each, source) + count * _frame(FRAME_BYTES, each, source))
        for each, area in areas
    )


def _seconds(source: Source, count: int, recipe: Recipe, budget: Budget) -> float:
    share = min(1.0, (budget.memory or _WHOLE_PROCESSOR_BYTES) / _WHOLE_PROCESSOR_BYTES)
    size = source.image.size
    pixel = pixel_nanoseconds(source, count) + _LINEAR_NANOSECONDS * _linear(recipe)
    # An animation's frames are looked at, and then decoded anew for each rendition.
    times = 1 if count == 1 else 1 + len(recipe.renditions)
    decoding = times * count * prod(size) * pixel
    writing = sum(
        count * prod(scaled_size(size, each)) * _frame(FRAME_NANOSECONDS, each, source)
        for each in recipe.renditions
    )
    return (decoding + (writing if count > 1 else 0)) / 1e9 / share


def _linear(recipe: Recipe) -> bool:
    return any(rendition.linear for rendition in recipe.renditions)


def _frame(costs: Mapping[str, float], rendition: Rendition, source: Source) -> float:
    """Return what a pixel of a frame costs, by the format that ``rendition`` is written in."""
    name = source.format.name if rendition.format == "keep" else rendition.format
    return costs.get(name, 0.0)
