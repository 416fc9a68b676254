"""High dynamic range to sRGB: the curve that Chromium shows such a picture by.

It is the reference white operator of SMPTE ST 2094-50. Up to 203 nits, which HDR pictures give to
white paper (ITU-R BT.2408), light is made weaker by one factor, a half where the picture reaches
1,000 nits; from there to its brightest spot a parabola bends to white. The factor is the same for
all three colours, taken where the strongest of them is in BT.2020, so that hues stay.
"""

from __future__ import annotations

import itertools
from array import array
from functools import lru_cache
from math import exp, log2, sqrt
from typing import Final

from handler.image.colour.profile import D50, lookup
from handler.image.colour.space import (
    BT2020,
    HLG,
    PQ,
    HighRange,
    Primaries,
    Triple,
    adapted,
    inverse,
    product,
    times,
    to_xyz,
)

_WHITE_NITS: Final = 203.0
_FULL_NITS: Final = 1000.0
_BEND: Final = 0.65
_HLG_KNEE: Final = 0.5
# Points an axis. More cost time by their cube.
_POINTS: Final = 33
# ICC's number for 1.0 in an XYZ of 16 bits.
_XYZ_ONE: Final = 0x8000
_LUMINANCE: Final = to_xyz(BT2020)[1]


@lru_cache(maxsize=4)
def profile(space: HighRange, target: Primaries) -> bytes:
    """Return an ICC profile for perceptual rendering that maps ``space`` to what ``target`` shows.

    LittleCMS interpolates within tetrahedra, and so keeps greys grey; Pillow's tables would not.
    """
    steps = [index / (_POINTS - 1) for index in range(_POINTS)]
    light = [_light(step, space.transfer) for step in steps]
    mixed = product(inverse(adapted(BT2020, D50)), adapted(space.primaries, D50))
    shown = product(inverse(to_xyz(target)), to_xyz(BT2020))
    connected = adapted(target, D50)

    table = array("H")
    for red, green, blue in itertools.product(light, repeat=3):
        colour = times(mixed, (red, green, blue))
        if space.transfer == HLG:
            colour = _displayed(colour)
        scale = _scale(max(colour), space.peak_nits / _WHITE_NITS)
        r, g, b = (min(max(value * scale, 0.0), 1.0) for value in times(shown, colour))
        xyz = times(connected, (r, g, b))
        table.extend(round(max(value, 0.0) * _XYZ_ONE) for value in xyz)
    return lookup(table, _POINTS)


def _light(number: float, transfer: int) -> float:
    """Return BT.2100's light: PQ's of the display, in parts of white paper; HLG's of the scene."""
    if transfer == PQ:
        root = number ** (32 / 2523)
        over = max(root - 3424 / 4096, 0.0) / (2413 / 128 - 2392 / 128 * root)
        return 10_000 / _WHITE_NITS * float(over ** (16384 / 2610))
    if number <= _HLG_KNEE:
        return number * number / 3
    return (exp((number - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _displayed(scene: Triple) -> Triple:
    """Return HLG's light on a display of 1,000 nits: brighter where the scene is bright."""
    bright = sum(value * share for value, share in zip(scene, _LUMINANCE, strict=True))
    factor = _FULL_NITS / _WHITE_NITS * max(bright, 0.0) ** 0.2
    red, green, blue = (value * factor for value in scene)
    return red, green, blue


def _scale(strongest: float, peak: float) -> float:
    """Return what to multiply a colour by, from its strongest part; 1.0 is white paper."""
    if strongest <= 0:
        return 0.0
    headroom = log2(max(peak, 1.0)) / log2(_FULL_NITS / _WHITE_NITS)
    white = 1 - 0.5 * min(headroom, 1.0)
    if strongest <= 1:
        return white
    if strongest >= peak:
        return 1 / strongest
    return _bent(strongest, white, peak) / strongest


def _bent(light: float, white: float, peak: float) -> float:
    """Return the parabola from (1, ``white``) to (``peak``, 1) that begins along the line."""
    across, up = 1 + _BEND * (1 / white - 1), white + _BEND * (1 - white)
    square, linear = 1 - 2 * across + peak, 2 * (across - 1)
    root = sqrt(linear * linear + 4 * square * (light - 1))
    share = 2 * (light - 1) / (linear + root)
    return (1 - share) ** 2 * white + 2 * share * (1 - share) * up + share**2
