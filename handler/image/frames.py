"""Frames: the pixels of a source, one frame or many, each decoded no larger than the renditions need."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PIL import Image

from handler.image import colour, fit
from handler.image.source import damage_rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handler.image.source import Source
    from handler.recipe import Rendition

_ORIENTATION: Final = 0x0112
_SIDEWAYS: Final = (5, 6, 7, 8)
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Frame:
    """Decoded pixels as stored: ``box`` is the picture within them, ``size`` the whole picture's upright size before any draft."""

    image: Image.Image
    box: tuple[float, float, float, float]
    size: tuple[int, int]
    orientation: int
    milliseconds: float


def decoded(source: Source, count: int, renditions: Sequence[Rendition]) -> Iterator[Frame]:
    """Yield the first ``count`` frames; each is valid until the next is asked for, because Pillow decodes into one buffer."""
    if count == 1:
        yield _still(source, renditions)
        return
    start = 1 if getattr(source.image, "default_image", False) else 0
    for index in range(start, start + count):
        with damage_rejected():
            source.image.seek(index)
        yield _still(source, renditions)


def frame_count(source: Source) -> int:
    """Return how many frames the source animates; an APNG's default image for viewers that cannot animate is none of them."""
    count: int = getattr(source.image, "n_frames", 1)
    return count - 1 if getattr(source.image, "default_image", False) else count


def plays(source: Source) -> int:
    """Return how often an animation plays, 0 = for ever. A GIF counts repetitions, and plays once when it names none."""
    loop: int | None = source.image.info.get("loop")
    if source.format == "gif":
        return 1 if loop is None else loop and loop + 1
    return loop or 0


@damage_rejected()
def _still(source: Source, renditions: Sequence[Rendition]) -> Frame:
    if source.format == "jpeg":
        return _drafted(source, renditions)
    image = source.image
    image.load()
    orientation = _orientation(source)
    milliseconds = float(image.info.get("duration", 0))
    return Frame(image, (0, 0, *image.size), _turned(image.size, orientation), orientation, milliseconds)


def _drafted(source: Source, renditions: Sequence[Rendition]) -> Frame:
    """A JPEG decodes at a half, quarter or eighth for a fraction of the time; ask with the exact size, or it will not."""
    image, orientation = source.image, _orientation(source)
    size = _turned(image.size, orientation)
    wanted = [fit.scaled_size(size, rendition) for rendition in renditions]
    largest = max(width for width, _ in wanted), max(height for _, height in wanted)
    whole = image.size
    draft = image.draft(None, _turned(largest, orientation))
    image.load()
    return Frame(_adobe(image), draft[1] if draft else (0, 0, *whole), size, orientation, 0)


def _adobe(image: Image.Image) -> Image.Image:
    """Pillow takes every CMYK JPEG for Adobe's inverted kind; one without Adobe's marker is not."""
    if image.mode != "CMYK" or "adobe" in image.info:
        return image
    from PIL import ImageChops

    upright = ImageChops.invert(image)
    upright.info = image.info
    return upright


def _turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return (size[1], size[0]) if orientation in _SIDEWAYS else size


def _orientation(source: Source) -> int:
    """Return the EXIF orientation still to be applied: Pillow turns a TIFF, and libheif a HEIF, while decoding."""
    if source.format in ("tiff", "heif"):
        return 1
    try:
        value = source.image.getexif().get(_ORIENTATION, 1)
    except (SyntaxError, ValueError, LookupError, TypeError, OSError, struct.error):
        return 1  # EXIF that cannot be read is no reason to refuse the picture
    return value if value in _UPRIGHT else 1


@damage_rejected()
def copies(frame: Frame, renditions: Sequence[Rendition]) -> list[Image.Image]:
    """Return one upright sRGB picture a rendition: the largest resized from the frame, smaller ones from those where that is as good."""
    sizes = [fit.scaled_size(frame.size, rendition) for rendition in renditions]
    done: dict[tuple[int, int], Image.Image] = {}
    for size in sorted(set(sizes), reverse=True):
        larger = [each for each in done if each[0] >= 2 * size[0] and each[1] >= 2 * size[1]]
        done[size] = _resized(done[min(larger)], size) if larger else _upright(frame, size)
    own = [done[size].copy() if sizes.count(size) > 1 else done[size] for size in sizes]
    return [fit.cut(image, rendition) for image, rendition in zip(own, renditions, strict=True)]


def _upright(frame: Frame, size: tuple[int, int]) -> Image.Image:
    """Resize first and do everything else to the small picture: converting and turning cost by the pixel."""
    small = _resized(colour.resamplable(frame.image), _turned(size, frame.orientation), frame.box)
    srgb = colour.to_srgb(small)
    return srgb.transpose(_UPRIGHT[frame.orientation]) if frame.orientation in _UPRIGHT else srgb


def _resized(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    """A gap of 1.0 lets whole-number box reduction do most of the work; LANCZOS does the rest, under a factor of two."""
    return image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=1.0)
