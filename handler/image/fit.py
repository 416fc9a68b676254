"""Geometry: a rendition's size; cutting and padding to it. Sizes are (width, height) in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handler.recipe import Rendition

# Pixels from which a picture is seldom sharp to the pixel: measured, it bears what costs a smaller
# one more than a decibel.
LARGE_PIXELS: Final = 2_500_000

# The block that averages nothing.
EACH_PIXEL: Final = (1, 1)

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
_ACROSS: Final = {
    "west": 0.0,
    "northwest": 0.0,
    "southwest": 0.0,
    "east": 1.0,
    "northeast": 1.0,
    "southeast": 1.0,
}
_DOWN: Final = {
    "north": 0.0,
    "northwest": 0.0,
    "northeast": 0.0,
    "south": 1.0,
    "southwest": 1.0,
    "southeast": 1.0,
}


def turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return ``size`` upright: sides changed over where EXIF's ``orientation`` says so."""
    return (size[1], size[0]) if orientation in _SIDEWAYS else size


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return ``image`` turned as EXIF's ``orientation`` says."""
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def scaled_size(size: tuple[int, int], rendition: Rendition) -> tuple[int, int]:
    """Return what a whole upright picture of ``size`` is resized to, never larger than that.

    Nothing is cut off yet.
    """
    across, down = rendition.width / size[0], rendition.height / size[1]
    if rendition.fit == "stretch":
        return min(rendition.width, size[0]), min(rendition.height, size[1])
    factor = min(1.0, max(across, down) if rendition.fit == "cover" else min(across, down))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def block(size: tuple[int, int], made: tuple[int, int]) -> tuple[int, int]:
    """Return how many pixels across and down are averaged before ``size`` is resized to ``made``.

    By at least as much as what is left to resample, or it costs over 1 dB against LANCZOS alone.
    """
    gap = reducing_gap(size)
    return max(1, int(size[0] / made[0] / gap)), max(1, int(size[1] / made[1] / gap))


def common_block(size: tuple[int, int], renditions: Sequence[Rendition]) -> tuple[int, int]:
    """Return what may be averaged of a picture of ``size`` before any of ``renditions`` is made.

    Nothing where one is scaled in linear light: numbers are not to be averaged.
    """
    if any(each.linear for each in renditions):
        return EACH_PIXEL
    wanted = [scaled_size(size, rendition) for rendition in renditions]
    return block(size, (max(width for width, _ in wanted), max(height for _, height in wanted)))


def reducing_gap(size: tuple[int, int]) -> float:
    """Return what resampling has at least to do itself: less of a picture that is seldom sharp."""
    return 1.2 if size[0] * size[1] > LARGE_PIXELS else 1.5


def factor(size: tuple[int, int], made: tuple[int, int], rendition: Rendition) -> float | None:
    """Return what a whole picture of ``size`` was resized by; ``None`` if it is not whole or so."""
    same = abs(made[0] * size[1] - made[1] * size[0]) <= max(size)
    return made[0] / size[0] if same and rendition.fit != "pad" else None


def window(size: tuple[int, int], rendition: Rendition) -> tuple[int, int]:
    """Return what is left of a picture at its ``scaled_size``; only ``cover`` cuts any off."""
    return min(rendition.width, size[0]), min(rendition.height, size[1])


def corner(size: tuple[int, int], window: tuple[int, int], gravity: str) -> tuple[int, int]:
    """Return where the top left corner of ``window`` lies in a picture of ``size``."""
    return (
        round((size[0] - window[0]) * _ACROSS.get(gravity, 0.5)),
        round((size[1] - window[1]) * _DOWN.get(gravity, 0.5)),
    )


def frame(size: tuple[int, int], rendition: Rendition) -> tuple[int, int]:
    """Return what a picture of ``size`` becomes: the whole box where ``pad`` asks for it."""
    return (rendition.width, rendition.height) if rendition.fit == "pad" else size


def padded(image: Image.Image, rendition: Rendition) -> Image.Image:
    """Centre the picture on the background where ``pad`` asks for the whole box."""
    box = frame(image.size, rendition)
    if image.size == box:
        return image
    canvas = Image.new("RGBA" if image.mode in ("RGBA", "LA") else "RGB", box, rendition.background)
    canvas.paste(image.convert(canvas.mode), corner(box, image.size, "center"))
    return canvas
