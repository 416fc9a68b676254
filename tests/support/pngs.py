"""PNG files that no encoder at hand writes: any chunk, sound or broken, anywhere."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, body: bytes, *, sound: bool = True) -> bytes:
    """Return a chunk; with a wrong checksum unless ``sound``."""
    checksum = zlib.crc32(name + body) ^ (not sound)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def pieces(data: bytes) -> list[bytes]:
    """Return the chunks of a sound file."""
    found, at = [], len(SIGNATURE)
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        found.append(data[at:end])
        at = end
    return found


def with_chunk(data: bytes, piece: bytes, *, behind: bool) -> bytes:
    """Return a sound file with ``piece`` before its pixels, or behind them."""
    head, *rest = pieces(data)
    parts = [head, *rest[:-1], piece, rest[-1]] if behind else [head, piece, *rest]
    return SIGNATURE + b"".join(parts)


def grey(width: int, bits: int, rows: Sequence[Sequence[int]], clear: int) -> bytes:
    """Return a grey picture of ``bits`` a pixel, one of whose levels is transparent."""
    header = struct.pack(">2I5B", width, len(rows), bits, 0, 0, 0, 0)
    lines = b"".join(b"\0" + _packed(row, bits) for row in rows)
    return SIGNATURE + b"".join((
        chunk(b"IHDR", header),
        chunk(b"tRNS", struct.pack(">H", clear)),
        chunk(b"IDAT", zlib.compress(lines)),
        chunk(b"IEND", b""),
    ))  # fmt: skip


def _packed(row: Sequence[int], bits: int) -> bytes:
    number = 0
    for level in row:
        number = number << bits | level
    return number.to_bytes(len(row) * bits // 8, "big")
