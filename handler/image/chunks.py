"""The chunks of a PNG, taken apart and made without Pillow's plugin: no other format needs that."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

# What stands before the first chunk, and of each around its body: length, name and checksum.
HEAD_BYTES: Final = 8
_FRAME_BYTES: Final = 12


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's name, and where in ``data`` it begins and ends, up to the last."""
    at = HEAD_BYTES
    while at + _FRAME_BYTES <= len(data):
        end = at + _FRAME_BYTES + int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], at, end
        at = end if data[at + 4 : at + 8] != b"IEND" else len(data)


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk whole: length, name, body and checksum."""
    checksum = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)
