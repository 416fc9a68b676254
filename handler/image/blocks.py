"""A picture of averages: whole blocks of pixels become one each, a band of rows at a time.

Pillow does the same when it scales, of a picture that is there as a whole in Pillow's four bytes a
pixel, and with alpha once more as multiplied by it; by bands, all of that is small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROWS: Final = 128


def averaged(image: Image.Image, block: tuple[int, int]) -> Image.Image:
    """Return ``image`` with each ``block`` of pixels averaged, with alpha as ``joined`` says."""
    rows = bands(image.height, block)
    return joined((image.crop((0, top, image.width, end)) for top, end in rows), image.size, block)


def joined(
    parts: Iterable[Image.Image], size: tuple[int, int], block: tuple[int, int]
) -> Image.Image:
    """Return the picture of ``size`` that ``parts``, of ``bands``, make with blocks averaged.

    Colours are multiplied by their alpha, where there is one: mode La or RGBa.
    """
    made, top = None, 0
    for part in parts:
        few = multiplied(part).reduce(block)
        made = made or Image.new(few.mode, (-(-size[0] // block[0]), -(-size[1] // block[1])))
        made.paste(few, (0, top))
        top += few.height
    return made or Image.new("RGB", size)


def multiplied(image: Image.Image) -> Image.Image:
    """Return ``image`` with its colours multiplied by their alpha, as modes La and RGBa have them.

    One without alpha is returned as it is.
    """
    mode = {"LA": "La", "RGBA": "RGBa"}.get(image.mode)
    return image.convert(mode) if mode else image


def bands(height: int, block: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield where each band begins and ends, in rows: all but the last are whole blocks high."""
    rows = max(1, _ROWS // block[1]) * block[1]
    for top in range(0, height, rows):
        yield top, min(height, top + rows)
