"""Geometry: a rendition's size; cutting and padding to it. Sizes are (width, height) in pixels."""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handler.recipe import Rendition

# Pixels from which a picture is seldom sharp to the pixel: measured, it bears what costs a smaller
# one more than a decibel.
LARGE_PIXELS: Final = 2_500_000

# Chroma, of 255, that counts as no colour: sky, foliage and skin in shade have that much.
_DULL_CHROMA: Final = 64

_SIDEWAYS: Final = (5, 6, 7, 8)
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


def scaled_size(size: tuple[int, int], rendition: Rendition) -> tuple[int, int]:
    """Return what a whole upright picture of ``size`` is resized to, never larger than that.

    Nothing is cut off yet.
    """
    across, down = rendition.width / size[0], rendition.height / size[1]
    if rendition.fit == "stretch":
        return min(rendition.width, size[0]), min(rendition.height, size[1])
    factor = min(1.0, max(across, down) if rendition.fit == "cover" else min(across, down))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def factor(size: tuple[int, int], made: tuple[int, int], rendition: Rendition) -> float | None:
    """Return what a whole picture of ``size`` was resized by; ``None`` if it is not whole or so."""
    same = abs(made[0] * size[1] - made[1] * size[0]) <= max(size)
    return made[0] / size[0] if same and rendition.fit != "pad" else None


def cut(image: Image.Image, rendition: Rendition) -> Image.Image:
    """Cut a picture at its ``scaled_size`` to the rendition's box; only ``cover`` leaves any."""
    width, height = min(rendition.width, image.width), min(rendition.height, image.height)
    if (width, height) == image.size:
        return image
    if rendition.gravity == "attention":
        left, top = _busiest(image, width, height)
    else:
        left = round((image.width - width) * _ACROSS.get(rendition.gravity, 0.5))
        top = round((image.height - height) * _DOWN.get(rendition.gravity, 0.5))
    return image.crop((left, top, left + width, top + height))


def _busiest(image: Image.Image, width: int, height: int) -> tuple[int, int]:
    """Return the top left corner of the window with most in it to look at.

    Each axis is searched by itself.
    """
    interest = _interest(image.convert("RGB")).convert("F")
    columns = array("f", interest.resize((image.width, 1), Image.Resampling.BOX).tobytes())
    rows = array("f", interest.resize((1, image.height), Image.Resampling.BOX).tobytes())
    return _heaviest(columns, width), _heaviest(rows, height)


def _interest(image: Image.Image) -> Image.Image:
    """Weigh each pixel, as L, by what draws the eye: fine detail, and strong colour.

    Strong colour is what no litter of leaves has.
    """
    from PIL import ImageChops, ImageFilter

    grey = image.convert("L")
    detail = ImageChops.difference(grey, grey.filter(ImageFilter.BoxBlur(2)))
    _, saturation, value = image.convert("HSV").split()
    strong = ImageChops.subtract(
        ImageChops.multiply(saturation, value), Image.new("L", image.size, _DULL_CHROMA)
    )
    return ImageChops.add(detail, strong)


def _heaviest(weights: Sequence[float], length: int) -> int:
    """Return where the heaviest run of ``length`` weights starts; of equals, the middlemost."""
    sums = (0.0, *accumulate(weights))
    middle = (len(weights) - length) / 2
    return max(
        range(len(weights) - length + 1),
        key=lambda at: (round(sums[at + length] - sums[at], 3), -abs(at - middle)),
    )


def padded(image: Image.Image, rendition: Rendition) -> Image.Image:
    """Centre the picture on the background where ``pad`` asks for the whole box."""
    box = rendition.width, rendition.height
    if rendition.fit != "pad" or image.size == box:
        return image
    canvas = Image.new("RGBA" if image.mode in ("RGBA", "LA") else "RGB", box, rendition.background)
    canvas.paste(
        image.convert(canvas.mode), ((box[0] - image.width) // 2, (box[1] - image.height) // 2)
    )
    return canvas
