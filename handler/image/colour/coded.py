"""The formats that may say it without a profile: code points, and PNG's older chunks.

Where a file says it twice, the order is that of its specification, and of browsers.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from handler.image import boxes
from handler.image.colour.space import (
    CURVES,
    HLG,
    PQ,
    PRIMARIES,
    SRGB,
    SRGB_PRIMARIES,
    Curve,
    HighRange,
    Primaries,
    Space,
    is_sound,
)
from handler.image.colour.told import embedded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from handler.image.colour.told import Meaning
    from handler.image.source import Source

# What a picture without a word of its brightest spot is taken to reach.
_USUAL_PEAK_NITS: Final = 1000.0
_SRGB_PRIMARIES_CODE: Final = 1
_SRGB_CURVE_CODE: Final = 13
# The code points of BT.709's curve, and of others' that are the same.
_VIDEO: Final = frozenset({1, 6, 11, 14, 15})
_USUAL_GAMMA: Final = 2.2
_GAMMA_TOLERANCE: Final = 0.05
# cLLI and mDCV write nits as whole numbers.
_FOUR_PLACES: Final = 10_000


def _png(source: Source) -> Meaning:
    """PNG 3, 4.3: cICP before iCCP before sRGB before gAMA and cHRM.

    Browsers pass over a cICP of numbers that do not reach from 0 to the highest.
    """
    info, chunks = source.image.info, dict(_chunks(source.data))
    match tuple(chunks.get(b"cICP", b"")):
        case primaries, transfer, 0, 1:
            return _coded(primaries, transfer, lambda: _png_peak(chunks))
    if "icc_profile" in info or "srgb" in info or not info.get("gamma"):
        return embedded(source)
    return _gamma(1 / info["gamma"], info.get("chromaticity"))


def _gamma(exponent: float, chromaticities: tuple[float, ...] | None) -> Meaning:
    """Return what gAMA, and cHRM if there is one, say; browsers take 2.2 alone for sRGB.

    They believe neither where cHRM's colours do not mix to its white.
    """
    if chromaticities:
        white, red, green, blue = zip(chromaticities[::2], chromaticities[1::2], strict=True)
        primaries = Primaries(red, green, blue, white)
        return Space(primaries, Curve(exponent)) if is_sound(primaries) else None
    near = abs(_USUAL_GAMMA / exponent - 1) <= _GAMMA_TOLERANCE
    return None if near else Space(SRGB_PRIMARIES, Curve(exponent))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the body of each chunk before a PNG's pixels."""
    at = 8
    while at + 8 <= len(data) and data[at + 4 : at + 8] != b"IDAT":
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += length + 12


def _png_peak(chunks: dict[bytes, bytes]) -> float:
    light, mastered = chunks.get(b"cLLI", b""), chunks.get(b"mDCV", b"")
    return _first(
        light[:4] and int.from_bytes(light[:4], "big") / _FOUR_PLACES,
        mastered[16:20] and int.from_bytes(mastered[16:20], "big") / _FOUR_PLACES,
    )


def _nclx(source: Source) -> Meaning:
    """ISO 23008-12: a profile and code points may both be there; browsers believe the profile.

    They take the curve of BT.709, and one that is left open, for sRGB's, unlike in PNG.
    """
    if profile := embedded(source):
        return profile
    told = boxes.properties(source.data)
    for kind, body in told:
        if kind == b"colr" and body[:4] == b"nclx":
            primaries, transfer = int.from_bytes(body[4:6], "big"), int.from_bytes(body[6:8], "big")
            named = transfer in (PQ, HLG, *(CURVES.keys() - _VIDEO))
            return _coded(
                primaries if primaries in PRIMARIES else _SRGB_PRIMARIES_CODE,
                transfer if named else _SRGB_CURVE_CODE,
                lambda: _nclx_peak(dict(told)),
            )
    return None


def _nclx_peak(told: dict[bytes, bytes]) -> float:
    light, mastered = told.get(b"clli", b""), told.get(b"mdcv", b"")
    return _first(
        light[:2] and int.from_bytes(light[:2], "big"),
        mastered[16:20] and int.from_bytes(mastered[16:20], "big") / _FOUR_PLACES,
    )


def _first(*nits: float | bytes) -> float:
    return next((float(value) for value in nits if value), _USUAL_PEAK_NITS)


def _coded(primaries: int, transfer: int, peak: Callable[[], float]) -> Meaning:
    """Return what the code points mean; as browsers do, sRGB if either leaves it open."""
    if primaries in PRIMARIES and transfer in (PQ, HLG):
        return HighRange(PRIMARIES[primaries], transfer, peak())
    if primaries not in PRIMARIES or transfer not in CURVES:
        return None
    space = Space(PRIMARIES[primaries], CURVES[transfer])
    return None if space == SRGB else space


def _jpeg2000(source: Source) -> Meaning:
    """ISO 15444-1, I.5.3.3: method 2 is a profile, which Pillow does not look for."""
    body = boxes.inside(source.data, b"jp2h", b"colr")
    return embedded(source) or (body[3:] if body[:1] == b"\2" else None)


def _jpegxl(source: Source) -> Meaning:
    from handler.image.colour import jpegxl

    return jpegxl.meaning(source)


READERS: Final[dict[str, Callable[[Source], Meaning]]] = {
    "png": _png,
    "avif": _nclx,
    "heif": _nclx,
    "jpeg2000": _jpeg2000,
    "jpegxl": _jpegxl,
}
