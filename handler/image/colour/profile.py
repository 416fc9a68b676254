"""ICC profiles: judged by their numbers, and written for colours that were told in another way."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from handler.image.colour.space import (
    SRGB,
    Matrix,
    Space,
    Triple,
    adapted,
    inverse,
    product,
    to_xyz,
)
from handler.image.levels import srgb_number

if TYPE_CHECKING:
    from collections.abc import Mapping

D50: Final[Triple] = (0.9642, 1.0, 0.8249)
_HEADER_BYTES: Final = 128
_COLORANTS: Final = (b"rXYZ", b"gXYZ", b"bXYZ")
_CURVES: Final = (b"rTRC", b"gTRC", b"bTRC")
_LOOKUPS: Final = frozenset({b"A2B0", b"A2B1", b"D2B0", b"D2B1"})
# One step of 8 bits, and what rounding does to sRGB's colorants in profiles in use.
_CURVE_TOLERANCE: Final = 1 / 255
_COLORANT_TOLERANCE: Final = 0.003
_FIXED: Final = 65536


def is_srgb(profile: bytes) -> bool:
    """Say whether the numbers of an RGB or grey ``profile`` are sRGB's, whatever its name is."""
    try:
        tags = _tags(profile)
        if _LOOKUPS & tags.keys():
            return False
        if profile[16:20] == b"GRAY":
            return _srgb_curve(tags[b"kTRC"])
        wanted = zip(*adapted(SRGB.primaries, D50), strict=True)
        return all(_srgb_curve(tags[name]) for name in _CURVES) and all(
            abs(has - want) <= _COLORANT_TOLERANCE
            for name, colorant in zip(_COLORANTS, wanted, strict=True)
            for has, want in zip(_xyz(tags[name]), colorant, strict=True)
        )
    except (struct.error, KeyError, ZeroDivisionError, OverflowError):
        return False


def colorants(profile: bytes) -> Matrix | None:
    """Return an RGB profile's matrix from light to XYZ, under D50; ``None`` if it has none."""
    try:
        tags = _tags(profile)
        columns = [_xyz(tags[name]) for name in _COLORANTS]
    except (struct.error, KeyError):
        return None
    return None if _LOOKUPS & tags.keys() else tuple(zip(*columns, strict=True))  # type: ignore[return-value]


def is_whole(profile: bytes) -> bool:
    """Say whether the curves lie within ``profile``: LittleCMS makes room before it looks."""
    try:
        tags = _tags(profile)
    except struct.error:
        return False
    sampled = (tags[name] for name in (*_CURVES, b"kTRC") if tags.get(name, b"")[:4] == b"curv")
    return all(12 + 2 * int.from_bytes(body[8:12], "big") <= len(body) for body in sampled)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    tags = {}
    for index in range(min(count, 100)):
        name, offset, size = struct.unpack_from(">4sII", profile, _HEADER_BYTES + 4 + 12 * index)
        tags[name] = profile[offset : offset + size]
    return tags


def _xyz(tag: bytes) -> Triple:
    x, y, z = struct.unpack_from(">3i", tag, 8)
    return x / _FIXED, y / _FIXED, z / _FIXED


def _srgb_curve(tag: bytes) -> bool:
    steps = [index / 32 for index in range(33)]
    return all(abs(srgb_number(_light(tag, step)) - step) <= _CURVE_TOLERANCE for step in steps)


def _light(tag: bytes, number: float) -> float:
    """Return the light that a curve gives ``number``; KeyError for curves that sRGB never has."""
    if tag[:4] == b"para":
        kind = struct.unpack_from(">H", tag, 8)[0]
        places = {3: 5, 4: 7}[kind]
        g, a, b, c, d, *offsets = (
            value / _FIXED for value in struct.unpack_from(f">{places}i", tag, 12)
        )
        above, below = offsets or (0.0, 0.0)
        return float((a * number + b) ** g) + above if number >= d else c * number + below
    (count,) = struct.unpack_from(">I", tag, 8)
    if tag[:4] != b"curv" or count <= 1:
        raise KeyError("curv")
    at = number * (count - 1)
    low = min(int(at), count - 2)
    one, other = struct.unpack_from(">2H", tag, 12 + 2 * low)
    return float(one + (other - one) * (at - low)) / 65535


def written(space: Space, *, grey: bool) -> bytes:
    """Return an ICC profile that says what ``space`` says, for our own use.

    It says version 2, though parametric curves came with 4: between profiles of that LittleCMS
    moves the black point without being asked, and browsers do not.
    """
    if grey:
        return _assembled(b"GRAY", {b"wtpt": _numbers(D50), b"kTRC": _curve(space)})
    return _assembled(b"RGB ", {b"wtpt": _numbers(D50), **_matrix(space)})


def published(space: Space, name: str) -> bytes:
    """Return an ICC profile of version 4 that results carry, of half a kilobyte."""
    moved = product(adapted(space.primaries, D50), inverse(to_xyz(space.primaries)))
    chad = (
        b"sf32" + bytes(4) + struct.pack(">9i", *(_fixed(value) for row in moved for value in row))
    )
    told = {b"desc": _text(name), b"cprt": _text("CC0"), b"wtpt": _numbers(D50), b"chad": chad}
    return _assembled(b"RGB ", {**told, **_matrix(space)}, version=4)


def _matrix(space: Space) -> dict[bytes, bytes]:
    columns = zip(*adapted(space.primaries, D50), strict=True)
    tags = {name: _numbers(xyz) for name, xyz in zip(_COLORANTS, columns, strict=True)}
    return tags | dict.fromkeys(_CURVES, _curve(space))


def _curve(space: Space) -> bytes:
    return b"para" + bytes(4) + struct.pack(">HH5i", 3, 0, *map(_fixed, space.curve))


def _text(text: str) -> bytes:
    """Return a text of one language, padded to the four bytes at which tags begin."""
    body = text.encode("utf-16-be")
    head = b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(body), 28)
    return (head + body).ljust(-(-(len(head) + len(body)) // 4) * 4, b"\0")


def _fixed(value: float) -> int:
    return max(-(2**31), min(2**31 - 1, round(value * _FIXED)))


def _numbers(xyz: Triple) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *map(_fixed, xyz))


def _assembled(kind: bytes, tags: Mapping[bytes, bytes], version: int = 2) -> bytes:
    """Put the tags behind the header that ICC.1, 7.2 describes; equal ones share their bytes."""
    begin = _HEADER_BYTES + 4 + 12 * len(tags)
    offsets: dict[bytes, int] = {}
    for body in tags.values():
        offsets.setdefault(body, begin + sum(map(len, offsets)))
    directory = struct.pack(">I", len(tags)) + b"".join(
        name + struct.pack(">II", offsets[body], len(body)) for name, body in tags.items()
    )
    size = begin + sum(map(len, offsets))
    header = struct.pack(">I4sI4s4s4s", size, b"", version << 24, b"mntr", kind, b"XYZ ")
    header = (header + bytes(12) + b"acsp").ljust(68, b"\0") + _numbers(D50)[8:]
    return header.ljust(_HEADER_BYTES, b"\0") + directory + b"".join(offsets)
