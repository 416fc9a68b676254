"""What a JPEG XL's numbers mean that has no profile: its own code points, near those of H.273."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from handler.image.colour.space import (
    BT2020,
    HLG,
    PQ,
    PRIMARIES,
    SRGB,
    SRGB_CURVE,
    SRGB_PRIMARIES,
    Curve,
    HighRange,
    Primaries,
    Space,
)
from handler.image.colour.told import embedded

if TYPE_CHECKING:
    from handler.image.colour.told import Meaning
    from handler.image.source import Source

_GREY: Final = 1
_CUSTOM: Final = 2
_GAMMA: Final = 65535
_NAMES: Final = ("red", "green", "blue")
_COLOURS: Final = {1: SRGB_PRIMARIES, 9: BT2020, 11: PRIMARIES[12]}
_WHITES: Final = {1: SRGB_PRIMARIES.white, 10: (1 / 3, 1 / 3), 11: PRIMARIES[11].white}
# BT.709's as cameras have it: what JPEG XL is made from is light, not what a display makes of it.
_BT709: Final = Curve(1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
# Light in 16 bits is brought to sRGB's curve when it is decoded.
_CURVES: Final = {1: _BT709, 17: Curve(2.6)}
# What encoders write of PQ whose brightest spot they do not know.
_ALL_OF_PQ_NITS: Final = 10_000
_USUAL_PEAK_NITS: Final = 1000.0


def meaning(source: Source) -> Meaning:
    """Return what the decoded numbers of ``source`` mean."""
    if profile := embedded(source):
        return profile
    told: Any = source.image
    encoding, primaries = told.encoding, _primaries(told.encoding)
    if encoding.transfer_function in (PQ, HLG):
        return HighRange(primaries, encoding.transfer_function, _peak(told.header.nits))
    space = Space(primaries, _curve(encoding))
    return None if space == SRGB else space


def _primaries(encoding: Any) -> Primaries:
    if encoding.color_space == _GREY:
        return SRGB_PRIMARIES
    white = _WHITES.get(encoding.white_point, tuple(encoding.white_point_xy))
    if encoding.primaries == _CUSTOM:
        red, green, blue = (tuple(getattr(encoding, f"primaries_{name}_xy")) for name in _NAMES)
        return Primaries(red, green, blue, white)
    return _COLOURS[encoding.primaries]._replace(white=white)


def _curve(encoding: Any) -> Curve:
    if encoding.transfer_function == _GAMMA:
        return Curve(1 / encoding.gamma)
    return _CURVES.get(encoding.transfer_function, SRGB_CURVE)


def _peak(nits: float) -> float:
    return nits if 0 < nits < _ALL_OF_PQ_NITS else _USUAL_PEAK_NITS
