"""A PNG without the ancillary chunks that Pillow cannot read, which concern no pixel.

A chunk whose name begins with a small letter is ancillary: a decoder can do without it (PNG, third
edition, 5.4). Pillow refuses the whole picture for one with a wrong checksum, an unknown
compression, a text that ends early, or one that is too long.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final, NamedTuple

from PIL.PngImagePlugin import PngStream

_SIGNATURE_BYTES: Final = 8
_FRAME_BYTES: Final = 12  # length, name and checksum
_END: Final = b"\0\0\0\0IEND\xaeB`\x82"
# An animation without one of its chunks, or of sound ones that make no sense together, is none: its
# default image remains.
_ANIMATION: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})
_PIXELS: Final = frozenset({b"IDAT", b"fdAT", b"IEND"})


class _Chunk(NamedTuple):
    name: bytes
    data: bytes

    @property
    def ancillary(self) -> bool:
        return self.name[:1].islower()

    @property
    def body(self) -> bytes:
        return self.data[8:-4]


def without_broken(data: bytes) -> tuple[bytes, list[str]]:
    """Return ``data`` without its unreadable ancillary chunks, and the names of those."""
    chunks = list(_chunks(data))
    reader = PngStream(BytesIO())
    broken = {at for at, chunk in enumerate(chunks) if not _readable(reader, chunk)}
    if not broken or any(chunks[at].name in _ANIMATION for at in broken):
        broken |= {at for at, chunk in enumerate(chunks) if chunk.name in _ANIMATION}

    kept = [chunk.data for at, chunk in enumerate(chunks) if at not in broken]
    if kept and kept[-1] != _END and chunks[-1].ancillary:
        kept.append(_END)
    names = [chunks[at].name.decode("latin-1") for at in sorted(broken)]
    return data[:_SIGNATURE_BYTES] + b"".join(kept), names


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """Yield the chunks of ``data``, the last of them perhaps cut short."""
    at = _SIGNATURE_BYTES
    while at + 8 <= len(data) and data[at + 4 : at + 8].isalpha():
        end = at + _FRAME_BYTES + int.from_bytes(data[at : at + 4], "big")
        yield _Chunk(data[at + 4 : at + 8], data[at:end])
        at = end


def _readable(reader: PngStream, chunk: _Chunk) -> bool:
    """Say whether a chunk is sound, by Pillow's own reader of it; critical ones are not judged."""
    if chunk.ancillary and not _sound(chunk):
        return False
    if chunk.name in _PIXELS - _ANIMATION:
        return True
    reader.fp = BytesIO(chunk.body)
    try:
        reader.call(chunk.name, 0, len(chunk.body))
    except (AttributeError, EOFError):
        return True  # one that Pillow does not know, and passes over; or a frame's pixels
    except Exception:  # noqa: BLE001 - Pillow documents none of what it raises
        return not chunk.ancillary
    return True


def _sound(chunk: _Chunk) -> bool:
    """Say whether a chunk is whole, and its checksum right."""
    length, checksum = int.from_bytes(chunk.data[:4], "big"), chunk.data[-4:]
    whole = len(chunk.data) == length + _FRAME_BYTES
    return whole and zlib.crc32(chunk.data[4:-4]) == int.from_bytes(checksum, "big")
