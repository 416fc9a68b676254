"""Where eyes go: skin, red things and edges, weighed on a picture of 32 x 32.

Summing the detail of all pixels finds pavements and twigs: there is more of them than of a face. A
small picture has forgotten them, and of detail only what is more than usual counts. What else is
weighed, and the direction of skin, are libvips' (``smartcrop.c``) and before that smartcrop.js's;
where libvips centres the window on one peak, here it is the window that holds most.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate
from math import hypot
from statistics import median
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops, ImageFilter

from handler.image.colour.space import SRGB_CURVE, SRGB_PRIMARIES, Triple, times, to_xyz

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIDE: Final = 32
_EDGES: Final = 2.0
# The direction of skin in XYZ; at this distance from it, which is grey's, there is no likeness.
_SKIN: Final = (0.78, 0.57, 0.44)
_UNLIKE: Final = 0.3
_LIKENESS: Final = 100.0
# The luminance, of 100, below which a colour is not one that is seen.
_DARK: Final = 5.0
_WINDOW_SHARE: Final = 0.1
# By which share of its length a window may be moved off the peak.
_GIVE: Final = 1 / 6
# CIE 1976: where the cube root gives way to a line.
_CUBE_KNEE: Final = (6 / 29) ** 3
_WHITE: Final = (0.9505, 1.0)


def corner(image: Image.Image, width: int, height: int) -> tuple[int, int]:
    """Return the top left corner of the window of this size that has most to look at.

    Each axis is searched by itself.
    """
    detail = _detail(image.convert("L"))
    cells = list(map(sum, zip(_unusual(_interest(image)), _unusual(_cells(detail)), strict=True)))
    rows = [cells[at : at + _SIDE] for at in range(0, len(cells), _SIDE)]
    left = _start(list(map(sum, zip(*rows, strict=True))), _line(detail, image.width, 1), width)
    return left, _start(list(map(sum, rows)), _line(detail, 1, image.height), height)


def _unusual(weights: Sequence[float]) -> list[float]:
    """Return how far each weight is above what is usual in the picture."""
    usual = median(weights)
    return [max(0.0, weight - usual) for weight in weights]


def _detail(grey: Image.Image) -> Image.Image:
    return ImageChops.difference(grey, grey.filter(ImageFilter.BoxBlur(2))).convert("F")


def _cells(detail: Image.Image) -> Sequence[float]:
    return _line(detail, _SIDE, _SIDE)


def _line(detail: Image.Image, width: int, height: int) -> Sequence[float]:
    return array("f", detail.resize((width, height), Image.Resampling.BOX).tobytes())


def _start(cells: Sequence[float], fine: Sequence[float], length: int) -> int:
    """Return where the run of ``length`` starts that is heaviest in ``cells``.

    Within a cell of there it is the heaviest of the ``fine`` weights; of equals the middlemost.
    """
    cell, last = len(fine) / len(cells), len(fine) - length
    coarse = [weight / cell for weight in cells for _ in range(_SIDE)]
    step = cell / _SIDE
    sums = (0.0, *accumulate(coarse))
    rough = max(
        range(last + 1),
        key=lambda at: (
            round(sums[round((at + length) / step)] - sums[round(at / step)], 3),
            -abs(at - last / 2),
        ),
    )
    exact = (0.0, *accumulate(fine))
    near = range(max(0, rough - int(cell)), min(last, rough + int(cell)) + 1)
    return max(near, key=lambda at: (round(exact[at + length] - exact[at], 3), -abs(at - last / 2)))


def _interest(image: Image.Image) -> list[float]:
    small = image.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    matrix = to_xyz(SRGB_PRIMARIES)
    light = [100 * SRGB_CURVE.light(number / 255) for number in range(256)]
    pixels = small.tobytes()
    colours = [
        times(matrix, (light[pixels[at]], light[pixels[at + 1]], light[pixels[at + 2]]))
        for at in range(0, len(pixels), 3)
    ]
    edges = _edges([y for _, y, _ in colours])
    return [edge + _colour(xyz) for edge, xyz in zip(edges, colours, strict=True)]


def _edges(luminances: Sequence[float]) -> Iterator[float]:
    """Yield how far each luminance differs from its four neighbours'; at a border, from itself."""
    for index, here in enumerate(luminances):
        row, column = divmod(index, _SIDE)
        around = (
            luminances[index - _SIDE] if row else here,
            luminances[index + _SIDE] if row < _SIDE - 1 else here,
            luminances[index - 1] if column else here,
            luminances[index + 1] if column < _SIDE - 1 else here,
        )
        yield _EDGES * abs(4 * here - sum(around))


def _colour(xyz: Triple) -> float:
    """Weigh a colour: like skin, and CIELAB's a, which is red where it is more than nothing."""
    if xyz[1] < _DARK:
        return 0.0
    length = hypot(*xyz)
    away = hypot(*(part / length - skin for part, skin in zip(xyz, _SKIN, strict=True)))
    red = 500 * (_root(xyz[0] / 100 / _WHITE[0]) - _root(xyz[1] / 100 / _WHITE[1]))
    return max(0.0, _LIKENESS * (1 - away / _UNLIKE)) + max(0.0, red)


def _root(share: float) -> float:
    return share ** (1 / 3) if share > _CUBE_KNEE else share * (29 / 6) ** 2 / 3 + 4 / 29
