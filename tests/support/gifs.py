"""GIF files that no encoder at hand writes: frames anywhere, disposed of in any way."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

# With codes of eight bits, of which 126 in a row leave the table as it is, no bit need be packed.
_SMALLEST, _CLEAR, _END, _ROW = 7, 0x80, 0x81, 120


class Patch(NamedTuple):
    """A frame of one colour of the palette: left, top, right, bottom, and what becomes of it."""

    box: tuple[int, int, int, int]
    colour: int
    disposal: int = 0
    transparent: int | None = None


def gif(
    size: tuple[int, int],
    palette: Sequence[tuple[int, int, int]],
    patches: Sequence[Patch],
    background: int = 0,
) -> bytes:
    """Return a file of ``patches``, drawn one after another with a pause between them."""
    colours = b"".join(bytes(colour) for colour in palette).ljust(3 * 128, b"\0")
    head = b"GIF89a" + struct.pack("<2H3B", *size, 0xF6, background, 0) + colours
    return head + b"".join(map(_frame, patches)) + b";"


def _frame(patch: Patch) -> bytes:
    left, top, right, bottom = patch.box
    flags = patch.disposal << 2 | (patch.transparent is not None)
    control = b"!\xf9\x04" + struct.pack("<BHBB", flags, 10, patch.transparent or 0, 0)
    place = b"," + struct.pack("<4HB", left, top, right - left, bottom - top, 0)
    pixels = (right - left) * (bottom - top)
    rows = [bytes([patch.colour]) * min(_ROW, pixels - at) for at in range(0, pixels, _ROW)]
    codes = b"".join(bytes([_CLEAR]) + row for row in rows) + bytes([_END])
    blocks = [codes[at : at + 255] for at in range(0, len(codes), 255)]
    data = b"".join(bytes([len(block)]) + block for block in blocks)
    return control + place + bytes([_SMALLEST]) + data + b"\0"
