"""Samples of any depth to 8 bits, a row of bytes at a time: slices, tables and one long number.

Nothing here goes from sample to sample in Python: a picture of 24 megapixels has 72 million.
"""

from __future__ import annotations

import struct
import sys
from array import array
from functools import lru_cache
from math import gcd
from typing import Final

_HIGH_LAST: Final = sys.byteorder == "little"
_BYTE: Final = 8
# struct's letters for floating numbers, by their bits.
FLOATS: Final = {16: "e", 32: "f", 64: "d"}
# White in 16 bits of light, which are enough for the darkest.
LIGHTEST: Final = 65535
# Light below which sRGB's curve is a line, IEC 61966-2-1.
_SRGB_KNEE: Final = 0.0031308


def eight_bits(row: bytes, bits: int) -> bytes:
    """Return a row's unsigned samples of ``bits`` each, 8 bits a sample; padding may follow."""
    if bits % _BYTE == 0:
        step = bits // _BYTE
        return row[step - 1 if _HIGH_LAST else 0 :: step]
    # So many samples begin where a byte begins again.
    together = _BYTE // gcd(bits, _BYTE)
    step = bits * together // _BYTE
    whole = row + bytes(-len(row) % step)
    out = bytearray(together * len(whole) // step)
    for each in range(together):
        out[each::together] = window(whole, each * bits, step, bits)
    return bytes(out)


def window(row: bytes, at: int, step: int, bits: int) -> bytes:
    """Return the sample of ``bits`` that begins at bit ``at`` of each ``step`` bytes, as 8 bits.

    The highest bit of a byte is its first; a row is a whole number of steps.
    """
    groups, (first, shift) = len(row) // step, divmod(at, _BYTE)
    high = row[first::step].translate(_shifted(shift))
    low = (row + bytes(step))[first + 1 :: step][:groups].translate(_shifted(shift - _BYTE))
    window = int.from_bytes(high, "big") | int.from_bytes(low, "big")
    return window.to_bytes(groups, "big").translate(_scaled(bits))


@lru_cache(maxsize=32)
def _shifted(left: int) -> bytes:
    """Return the table that shifts a byte to the left, or to the right by a negative number."""
    return bytes((each << left if left >= 0 else each >> -left) & 0xFF for each in range(256))


@lru_cache(maxsize=16)
def _scaled(bits: int) -> bytes:
    """Return the table that makes 0 to 255 of a byte's ``bits`` highest bits."""
    if bits >= _BYTE:
        return bytes(range(256))
    most = 2**bits - 1
    return bytes((each >> (_BYTE - bits)) * 255 // most for each in range(256))


def floats(row: bytes, bits: int) -> array[float]:
    """Return a row's floating numbers of ``bits`` each, this machine's order, in single size."""
    letter = FLOATS[bits]
    if letter == "f":
        return array("f", row)
    return array("f", struct.unpack(f"={len(row) * 8 // bits}{letter}", row))


def white(peak: float) -> float:
    """Return what is white where floating numbers reach ``peak``: the nearest usual one above."""
    return next((usual for usual in (1.0, 255.0, 65535.0) if peak <= usual), peak)


def counted_white(peak: float, most: float) -> float:
    """Return what is white where whole numbers of 32 bits reach ``peak`` of at most ``most``.

    ImageMagick takes ``most``, which is right for what was scaled to fill it, and leaves black what
    microscopes count; libvips takes 255, which clips both. What stays below a
    256th of it is a count, and white the usual depth above that, or its brightest.
    """
    if peak * 256 > most:
        return most
    return next((usual for usual in (255.0, 65535.0) if peak <= usual), peak)


def srgb_number(light: float) -> float:
    """Return sRGB's number, 0 to 1, for linear light; what is beyond is clipped."""
    light = min(max(light, 0.0), 1.0)
    return light * 12.92 if light <= _SRGB_KNEE else 1.055 * light ** (1 / 2.4) - 0.055


@lru_cache(maxsize=1)
def srgb_numbers() -> list[int]:
    """Return sRGB's numbers of 8 bits for all light of 16 bits."""
    return [round(255 * srgb_number(light / LIGHTEST)) for light in range(LIGHTEST + 1)]
