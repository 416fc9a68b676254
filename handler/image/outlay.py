"""What a whole picture takes of memory and time: its source read and scaled, its results written.

The source is gone before the first result is written, so the larger of the two halves is the peak.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from handler.image import fit, resample, written
from handler.image.colour.told import meaning
from handler.image.estimate import pixel_bytes, pixel_nanoseconds
from handler.image.frames import block_of, has_default, orientation_of, upright_size
from handler.image.opened import decoded_size, has_alpha, is_grey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handler.image.picture import Budget
    from handler.image.source import Source
    from handler.recipe import Recipe, Rendition

_MIB: Final = 1 << 20
# What interpreter, botocore and Pillow hold before there is a picture.
RESIDENT_BYTES: Final = 80 * _MIB
# What a format's library makes room for, however small the picture.
_LIBRARY_BYTES: Final = 4 * _MIB

# The memory setting at which Lambda gives a function one whole vCPU; with less it gives that share
# of one.
_WHOLE_PROCESSOR_BYTES: Final = 1769 * _MIB

# Pillow's bytes a pixel; those of grey that nothing shines through.
_COLOUR_BYTES, _GREY_BYTES = 4, 1
# Of pixels that are not converted where nothing is told of their colours.
_PLAIN_MODES: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})

# What scaling in linear light takes more: of a pixel of the source, in bytes and in time, because
# floats are made in strips, and colours are converted before; and of one of the result.
_LINEAR_BYTES: Final = 5
_CONVERTED_BYTES: Final = 4
_LINEAR_NANOSECONDS: Final = 25
_LINEAR_MADE_BYTES: Final = 16

# What bringing down high dynamic range takes: of a strip's floats, and of a pixel.
_TONED_BYTES: Final = 14 * _MIB
_TONED_NANOSECONDS: Final = 90

# What looking for the part that eyes go to takes, of a scaled pixel.
_LOOKED_BYTES: Final = 9

# Bytes for each pixel of an animation's rendition: its frames, scaled, converted and compared.
_MOVING_PIXEL_BYTES: Final = 32

# What a row takes, however short it is: Pillow rounds it up and points at it, in each copy of the
# picture; openers of our own have it in pieces besides.
_ROW_BYTES: Final = 48
_OWN_ROW_BYTES: Final = 192

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


def memory_bytes(source: Source, count: int, recipe: Recipe) -> int:
    """Return bytes: the file, and the larger of what reading and writing hold at their peaks."""
    copies = _MOVING_COPIES if count > 1 else 2 if source.format.name in _COPIED else 1
    held = RESIDENT_BYTES + _LIBRARY_BYTES + resample.held_bytes()
    held += copies * len(source.data) + _row_bytes(source)
    if count > 1:
        return int(held + _moving_bytes(source, count, recipe))
    return int(held + max(_reading_bytes(source, recipe), _writing_bytes(source, recipe)))


def _row_bytes(source: Source) -> int:
    """Return the bytes that the rows of a frame take besides their pixels.

    A picture that lies on its side is turned.
    """
    each = _OWN_ROW_BYTES if getattr(source.image, "cost", None) else _ROW_BYTES
    return each * max(source.image.size)


def seconds(source: Source, count: int, recipe: Recipe, budget: Budget) -> float:
    """Return the seconds that a picture takes, of what ``budget`` has of a processor."""
    share = min(1.0, (budget.memory or _WHOLE_PROCESSOR_BYTES) / _WHOLE_PROCESSOR_BYTES)
    pixel = pixel_nanoseconds(source, count) + _LINEAR_NANOSECONDS * _linear(recipe)
    # An animation's frames are looked at, and then decoded anew for each rendition.
    times = 1 if count == 1 else 1 + len(recipe.renditions)
    reading = times * count * prod(source.image.size) * pixel
    writing = sum(
        count * area * written.nanoseconds(source, each, area, count)
        for each, area in _areas(source, recipe)
    )
    return (reading + writing + _toning(source, recipe)) / 1e9 / share


def _toning(source: Source, recipe: Recipe) -> float:
    """Return the nanoseconds of bringing down what goes beyond white, of what is scaled."""
    if not _is_high_range(source):
        return 0.0
    size = upright_size(source)
    made = [prod(fit.scaled_size(size, each)) for each in recipe.renditions]
    return _TONED_NANOSECONDS * (prod(size) if _linear(recipe) else sum(made))


def _is_high_range(source: Source) -> bool:
    numbers = meaning(source)
    if numbers is None or isinstance(numbers, bytes):
        return False
    from handler.image.colour.space import HighRange

    return isinstance(numbers, HighRange)


def _linear(recipe: Recipe) -> bool:
    return any(rendition.linear for rendition in recipe.renditions)


def _areas(source: Source, recipe: Recipe) -> list[tuple[Rendition, int]]:
    """Return each rendition and the pixels of what is written of it."""
    size = upright_size(source)
    return [(each, prod(_written_size(size, each))) for each in recipe.renditions]


def _written_size(size: tuple[int, int], rendition: Rendition) -> tuple[int, int]:
    return fit.frame(fit.window(fit.scaled_size(size, rendition), rendition), rendition)


def _channels(source: Source) -> int:
    return _GREY_BYTES if is_grey(source) and not has_alpha(source) else _COLOUR_BYTES


def _reading_bytes(source: Source, recipe: Recipe) -> float:
    """Return what the decoded picture takes while the renditions are scaled from it."""
    size = upright_size(source)
    sizes = [fit.scaled_size(size, each) for each in recipe.renditions]
    decoded, anew = decoded_size(source, recipe.renditions), _made_anew(source)
    looked = _LOOKED_BYTES * any(each.gravity == "attention" for each in recipe.renditions)
    further = looked + _LINEAR_MADE_BYTES * _linear(recipe)
    scaling = sum(map(prod, sizes)) + max(_beside(decoded, each, anew) for each in sizes)
    return (
        prod(size) * _pixel_bytes(source, recipe)
        + scaling * _channels(source)
        + further * max(map(prod, sizes))
        + _TONED_BYTES * _is_high_range(source)
    )


def _made_anew(source: Source) -> int:
    """Return how often a scaled picture is copied: its colours converted, its sides turned."""
    image = source.image
    converted = meaning(source) is not None or image.mode not in _PLAIN_MODES
    return converted + (orientation_of(source) != 1)


def _beside(size: tuple[int, int], made: tuple[int, int], copies: int) -> float:
    """Return the pixels that scaling ``size`` to ``made`` holds beside both.

    Averaged blocks, and what is only narrower yet; and after them ``copies`` of ``made``.
    """
    across, down = fit.block(size, made)
    averaged = prod(size) / (across * down) if (across, down) != fit.EACH_PIXEL else 0
    narrower = made[0] * size[1] / down if size != made else 0
    return max(averaged + narrower, copies * prod(made))


def _pixel_bytes(source: Source, recipe: Recipe) -> float:
    if not has_default(source) and min(block_of(source, recipe.renditions)) > 1:
        image = source.image
        kind = source.format.name, image.mode, *map(image.info.get, ("chroma", "bit_depth"))
        if averaged := _AVERAGED_BYTES.get(kind):
            return averaged
    light = _LINEAR_BYTES + _CONVERTED_BYTES * bool(_made_anew(source))
    return pixel_bytes(source, 1, recipe.renditions) + light * _linear(recipe)


def _writing_bytes(source: Source, recipe: Recipe) -> float:
    """Return what the scaled pictures take while one after the other is written."""
    size = upright_size(source)
    scaled = [(fit.scaled_size(size, each), each) for each in recipe.renditions]
    held = sum(prod(fit.window(*pair)) for pair in scaled) * _channels(source)
    writing = (
        area * written.memory_bytes(source, each, area) for each, area in _areas(source, recipe)
    )
    return held + max(writing)


def _moving_bytes(source: Source, count: int, recipe: Recipe) -> float:
    """Return what an animation's frames and encoders hold; those work one after the other."""
    areas = _areas(source, recipe)
    return (
        prod(source.image.size) * pixel_bytes(source, count, recipe.renditions)
        + sum(area for _, area in areas) * _MOVING_PIXEL_BYTES
        + written.MOVING_ENCODER_BYTES
        + max(area * written.moving_bytes(source, each, count) for each, area in areas)
    )
