"""High dynamic range to sRGB: the curve that Chromium shows such a picture by.

It is the reference white operator of SMPTE ST 2094-50. Up to 203 nits, which HDR pictures give to
white paper (ITU-R BT.2408), light is made weaker by one factor, a half where the picture reaches
1,000 nits; from there to its brightest spot a parabola bends to white. The factor is the same for
all three colours, taken where the strongest of them is in BT.2020, so that hues stay.

Each pixel is calculated: where a saturated colour leaves what can be shown, its weakest part bends
so sharply that no table of colours is fine enough.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, log2
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageMath

from handler.image.colour.profile import D50
from handler.image.colour.space import (
    BT2020,
    PQ,
    HighRange,
    Matrix,
    Primaries,
    Triple,
    adapted,
    inverse,
    product,
    to_xyz,
)
from handler.image.levels import LIGHTEST, srgb_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Images = Sequence[Image.Image]

_WHITE_NITS: Final = 203.0
_FULL_NITS: Final = 1000.0
# The brightest spot of a picture that reaches no further than white paper.
_LEAST_PEAK: Final = 1.001
_BEND: Final = 0.65
_HLG_KNEE: Final = 0.5
# Pixels that are calculated at once, in floats.
_STRIP_PIXELS: Final = 1 << 18
_LUMINANCE: Final = to_xyz(BT2020)[1]


def shown(image: Image.Image, space: HighRange, target: Primaries) -> Image.Image:
    """Return ``image``, RGB or RGBA in ``space``, as ``target`` shows it, by sRGB's curve."""
    done = Image.new(image.mode, image.size)
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(image.height, top + rows)))
        red, green, blue, *alpha = strip.split()
        colours = _numbers(_light((red, green, blue), space, target))
        done.paste(Image.merge(image.mode, [*colours, *alpha]), (0, top))
    return done


def _light(colours: Images, space: HighRange, target: Primaries) -> Images:
    """Return each colour's light in ``target``, of which ``LIGHTEST`` is white; some is beyond."""
    own = _to_bt2020(space.primaries)
    factor = _factor(colours, space, own)
    moved = product(product(inverse(to_xyz(target)), to_xyz(BT2020)), own)
    return [
        _calculated(
            lambda of: of["a"] * of["b"] * LIGHTEST, _mixed(colours, row, space.transfer), factor
        )
        for row in moved
    ]


def _to_bt2020(primaries: Primaries) -> Matrix:
    return product(inverse(adapted(BT2020, D50)), adapted(primaries, D50))


def _numbers(light: Images) -> Images:
    """Return sRGB's numbers for light, as L; what is beyond is clipped.

    One below the other, because Pillow looks at all of a table each time that it is handed one.
    """
    width, height = light[0].size
    column = Image.new("I", (width, height * len(light)))
    for index, each in enumerate(light):
        column.paste(each.convert("I"), (0, index * height))
    numbers = column.point(srgb_numbers(), "L")
    return [numbers.crop((0, top, width, top + height)) for top in range(0, numbers.height, height)]


def _factor(colours: Images, space: HighRange, own: Matrix) -> Image.Image:
    """Return what each pixel's light is multiplied by."""
    peak = max(space.peak_nits / _WHITE_NITS, _LEAST_PEAK)
    strongest = _strongest(colours, space, own)
    if space.transfer == PQ:
        return _calculated(lambda of: _scale(of["a"], peak, of["min"], of["max"]), strongest)
    bright = _mixed(colours, product((_LUMINANCE,) * 3, own)[0], space.transfer)
    displayed = _calculated(lambda of: _displayed(of["max"](of["a"], 0.0)), bright)
    return _calculated(
        lambda of: _scale(of["a"] * of["b"], peak, of["min"], of["max"]) * of["b"],
        strongest,
        displayed,
    )


def _strongest(colours: Images, space: HighRange, own: Matrix) -> Image.Image:
    """Return the light of the strongest colour in BT.2020."""
    lights = [_mixed(colours, row, space.transfer) for row in own]
    return _calculated(lambda of: of["max"](of["max"](of["a"], of["b"]), of["c"]), *lights)


def _mixed(colours: Images, shares: Triple, transfer: int) -> Image.Image:
    """Return so much of each colour's light, together."""
    parts = [
        colour.point([share * light for light in _lights(transfer)], "F")
        for colour, share in zip(colours, shares, strict=True)
    ]
    return _calculated(lambda of: of["a"] + of["b"] + of["c"], *parts)


def _calculated(formula: Callable[[Any], Any], *images: Image.Image) -> Image.Image:
    done: Image.Image = ImageMath.lambda_eval(formula, **dict(zip("abc", images, strict=False)))
    return done


@lru_cache(maxsize=2)
def _lights(transfer: int) -> list[float]:
    """Return BT.2100's light of each number of 8 bits.

    PQ's is the display's, in parts of white paper; HLG's is the scene's.
    """
    light = _pq if transfer == PQ else _hlg
    return [light(number / 255) for number in range(256)]


def _pq(number: float) -> float:
    root = number ** (32 / 2523)
    over = max(root - 3424 / 4096, 0.0) / (2413 / 128 - 2392 / 128 * root)
    return 10_000 / _WHITE_NITS * float(over ** (16384 / 2610))


def _hlg(number: float) -> float:
    if number <= _HLG_KNEE:
        return number * number / 3
    return (exp((number - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _displayed(bright: Any) -> Any:
    """Return what a display of 1,000 nits multiplies HLG's light by, where it is so bright."""
    return bright**0.2 * (_FULL_NITS / _WHITE_NITS)


def _scale(strongest: Any, peak: float, least: Any = min, most: Any = max) -> Any:
    """Return what to multiply light by, from its strongest part; 1.0 is white paper.

    The parabola goes from (1, ``white``) to (``peak``, 1), and begins along the line.
    """
    white = 1 - 0.5 * min(log2(peak) / log2(_FULL_NITS / _WHITE_NITS), 1.0)
    across, up = 1 + _BEND * (1 / white - 1), white + _BEND * (1 - white)
    square, linear = 1 - 2 * across + peak, 2 * (across - 1)
    over = least(most(strongest, 1.0), peak) - 1.0
    share = over * 2 / ((over * (4 * square) + linear * linear) ** 0.5 + linear)
    bent = (share * (1 + white - 2 * up) + 2 * (up - white)) * share + white
    return bent / most(strongest, 1.0)
