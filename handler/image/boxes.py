"""The boxes that AVIF, HEIF and JPEG 2000 files are made of (ISO 14496-12, ISO 15444-1)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = 8
# Boxes that begin with a version and flags.
_FULL: Final = 4


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the body of each box in ``data``; what is cut off is left out.

    A length of 1 says that 64 bits of it follow, and 0 that the box is the rest.
    """
    at = 0
    while at + _HEAD <= len(data):
        length, head = int.from_bytes(data[at : at + 4], "big"), _HEAD
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        end = at + length if length else len(data)
        if end < at + head:
            return
        yield data[at + 4 : at + _HEAD], data[at + head : end]
        at = end


def inside(data: bytes, *path: bytes) -> bytes:
    """Return the body of the box at ``path``: the first of each kind, in the one before."""
    for kind in path:
        data = next((body for name, body in boxes(data) if name == kind), b"")
    return data


def properties(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return kind and body of each property of a HEIF's or AVIF's primary picture."""
    meta = inside(data, b"meta")[_FULL:]
    known = list(boxes(inside(meta, b"iprp", b"ipco")))
    try:
        mine = _associations(inside(meta, b"iprp", b"ipma")).get(_primary(meta), [])
    except (struct.error, IndexError):
        return []
    return [known[index - 1] for index in mine if 0 < index <= len(known)]


def _primary(meta: bytes) -> int:
    body = inside(meta, b"pitm")
    return int.from_bytes(body[_FULL:8] if body[0] else body[_FULL:6], "big")


def _associations(body: bytes) -> dict[int, list[int]]:
    """Return the one-based indices of each item's properties."""
    wide_items, wide_indices = body[0] > 0, body[3] & 1
    (count,) = struct.unpack_from(">I", body, _FULL)
    at, items = 8, {}
    for _ in range(count):
        item, several = struct.unpack_from(">IB" if wide_items else ">HB", body, at)
        at += 5 if wide_items else 3
        width = 2 if wide_indices else 1
        indices = struct.unpack_from(f">{several}{'H' if wide_indices else 'B'}", body, at)
        at += several * width
        # The highest bit says that a reader must know the property.
        items[item] = [index & (0x7FFF if wide_indices else 0x7F) for index in indices]
    return items
