"""Scaling in linear light: as a lens would blur, where averaging sRGB's numbers darkens texture.

Numbers become light in strips, each shrunk by a whole factor at once, so that a large picture never
lies in memory as floats.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageMath

from handler.image import resample
from handler.image.colour.space import SRGB_CURVE
from handler.image.levels import LIGHTEST, srgb_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRIP_PIXELS: Final = 1 << 20
# What is left to LANCZOS after whole factors, as elsewhere.
_GAP: Final = 1.5
# Alpha under which there is no colour to be told.
_NOTHING: Final = 1e-4

_LIGHT: Final = [SRGB_CURVE.light(number / 255) for number in range(256)]
_SHARE: Final = [number / 255 for number in range(256)]


def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return ``image`` (L, LA, RGB or RGBA, its numbers by sRGB's curve) resized to ``size``."""
    if image.size == size:
        return image
    made = Image.merge(image.mode, _bands(image, size))
    made.info = image.info.copy()
    return made


def _bands(image: Image.Image, size: tuple[int, int]) -> list[Image.Image]:
    names = image.getbands()
    if "A" not in names:
        return [_numbers(_scaled(image.getchannel(name), _LIGHT, size)) for name in names]
    opaque = image.getchannel("A")
    alpha = _scaled(opaque, _SHARE, size)
    made = [
        _numbers(_ratio(_scaled(image.getchannel(name), _LIGHT, size, opaque), alpha))
        for name in names[:-1]
    ]
    return [*made, alpha.point(lambda share: share * 255 + 0.5).convert("L")]


def _scaled(
    band: Image.Image, meaning: list[float], size: tuple[int, int], alpha: Image.Image | None = None
) -> Image.Image:
    """Return what ``meaning`` makes of the band, weighed by ``alpha``, resized, as F."""
    across = max(1, int(band.width / (_GAP * size[0])))
    down = max(1, int(band.height / (_GAP * size[1])))
    small = Image.new("F", (ceil(band.width / across), ceil(band.height / down)))
    for box in _strips(band.size, down):
        strip = band.crop(box).point(meaning, "F")
        if alpha:
            strip = _product(strip, alpha.crop(box).point(_SHARE, "F"))
        small.paste(strip.reduce((across, down)), (0, box[1] // down))
    whole = (0, 0, band.width / across, band.height / down)
    return resample.resized(small, size, Image.Resampling.LANCZOS, whole)


def _strips(size: tuple[int, int], rows: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the boxes of strips that are a multiple of ``rows`` high, but for the last."""
    step = max(1, _STRIP_PIXELS // (size[0] * rows)) * rows
    for top in range(0, size[1], step):
        yield 0, top, size[0], min(size[1], top + step)


def _product(one: Image.Image, other: Image.Image) -> Image.Image:
    return _calculated(lambda of: of["a"] * of["b"], one, other)


def _ratio(one: Image.Image, other: Image.Image) -> Image.Image:
    return _calculated(lambda of: of["a"] / of["max"](of["b"], _NOTHING), one, other)


def _calculated(formula: Any, one: Image.Image, other: Image.Image) -> Image.Image:
    done: Image.Image = ImageMath.lambda_eval(formula, a=one, b=other)
    return done


def _numbers(light: Image.Image) -> Image.Image:
    """Return sRGB's numbers for light, as L; what LANCZOS swung beyond is clipped."""
    return light.point(lambda value: value * LIGHTEST + 0.5).convert("I").point(srgb_numbers(), "L")
