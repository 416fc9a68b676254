"""Scaling: a decoded frame in, an upright picture of each size and colour asked for out."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import Image

from handler.image import blocks, fit, resample
from handler.image.colour import convert
from handler.image.source import damage_rejected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handler.image.colour.told import Meaning
    from handler.image.frames import Frame
    from handler.recipe import Rendition


_BICUBIC, _LANCZOS = Image.Resampling.BICUBIC, Image.Resampling.LANCZOS
# Pixels from which a draft, which has averaged already, bears BICUBIC: it costs a tenth less and at
# most 0.3 dB; measured on photographs, a smaller one would lose up to 0.7 more than with LANCZOS.
_SOFT_PIXELS: Final = 5_000_000


Corner = tuple[int, int]


class Copy(NamedTuple):
    """A rendition's picture, and where its top left corner lies in the whole of its scale."""

    image: Image.Image
    corner: Corner


class _Look(NamedTuple):
    """How a rendition's pixels come about, beside their number."""

    colour: str
    linear: bool


@damage_rejected()
def copies(
    frame: Frame,
    meaning: Meaning,
    renditions: Sequence[Rendition],
    corners: Sequence[Corner] = (),
) -> list[Copy]:
    """Return one upright picture for each rendition, in its ``colour``.

    The largest is resized from the frame, smaller ones from larger ones where that is as good. Each
    is cut at its one of the ``corners``, or without any where its gravity says.
    """
    wanted = [
        (_Look(each.colour, each.linear), fit.scaled_size(frame.size, each)) for each in renditions
    ]
    pixels = convert.resamplable(frame.image)
    done: dict[tuple[_Look, tuple[int, int]], Image.Image] = {}
    for look, size in sorted(set(wanted), reverse=True):
        larger = [
            made
            for like, made in done
            if like == look and made[0] >= 2 * size[0] and made[1] >= 2 * size[1]
        ]
        done[look, size] = (
            _scaled(done[look, min(larger)], size, look, _LANCZOS)
            if larger
            else _upright(pixels, frame, meaning, size, look)
        )
    own = [done[each].copy() if wanted.count(each) > 1 else done[each] for each in wanted]
    corners = corners or [_corner(*pair) for pair in zip(own, renditions, strict=True)]
    return [_cut(*parts) for parts in zip(own, renditions, corners, strict=True)]


def _corner(image: Image.Image, rendition: Rendition) -> Corner:
    window = fit.window(image.size, rendition)
    if window == image.size or rendition.gravity != "attention":
        return fit.corner(image.size, window, rendition.gravity)
    from handler.image import attention

    return attention.corner(image, *window)


def _cut(image: Image.Image, rendition: Rendition, corner: Corner) -> Copy:
    window = fit.window(image.size, rendition)
    if window == image.size:
        return Copy(image, corner)
    left, top = corner
    return Copy(image.crop((left, top, left + window[0], top + window[1])), corner)


def _upright(
    pixels: Image.Image, frame: Frame, meaning: Meaning, size: tuple[int, int], look: _Look
) -> Image.Image:
    """Return the frame resized to ``size``, then in its colours and upright.

    Everything else is done to the small picture, for converting and turning cost by the pixel; but
    light can be told only from colours.
    """
    resampling = _BICUBIC if frame.drafted and prod(frame.size) > _SOFT_PIXELS else _LANCZOS
    turned = fit.turned(size, frame.orientation)
    if look.linear:
        whole = convert.converted(pixels, meaning, look.colour)
        small = _scaled(whole, turned, look, resampling)
    else:
        resized = _resized(pixels, turned, resampling, frame.box)
        small = convert.overwritten(resized, meaning, look.colour)
    return fit.upright(small, frame.orientation)


def _scaled(
    image: Image.Image, size: tuple[int, int], look: _Look, resampling: Image.Resampling
) -> Image.Image:
    """Return a converted picture resized to ``size`` in the rendition's way."""
    if not look.linear:
        return _resized(image, size, resampling)
    from handler.image import linear

    return linear.resized(image, size)


def _resized(
    image: Image.Image,
    size: tuple[int, int],
    resampling: Image.Resampling,
    box: tuple[float, float, float, float] | None = None,
) -> Image.Image:
    """Return ``image`` resized: whole blocks of pixels averaged first, what is left resampled."""
    block = fit.block(image.size, size)
    if block == fit.EACH_PIXEL:
        return resample.resized(image, size, resampling, box)
    across, down = block
    few = blocks.averaged(image, block) if image.mode in ("LA", "RGBA") else image.reduce(block)
    left, top, right, bottom = box or (0, 0, *image.size)
    part = (left / across, top / down, right / across, bottom / down)
    made = resample.resized(few, size, resampling, part)
    return made if made.mode == image.mode else made.convert(image.mode)
