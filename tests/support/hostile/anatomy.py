"""A file of any format taken apart into what it consists of, and put together again.

What is put together is consistent in lengths and checksums, unless its parts were made to lie: so
a mutation gets past the first check, and to the code behind it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_CONTAINERS: Final = {
    b"meta": 4, b"iprp": 0, b"ipco": 0, b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0,
    b"stbl": 0, b"dinf": 0, b"jp2h": 0, b"iinf": 6, b"iref": 4,
}  # fmt: skip
_BARE_MARKERS: Final = frozenset({0x01, 0xD8, 0xD9, 0x4F, 0x93, *range(0xD0, 0xD8)})
_BARE: Final = frozenset({b"", *(bytes([marker]) for marker in _BARE_MARKERS)})
_EXTENSION, _IMAGE = 0x21, 0x2C


@dataclass(frozen=True)
class Part:
    """A segment, chunk, box, block or entry; a box that holds others has them for ``inner``."""

    kind: bytes
    body: bytes
    inner: tuple[Part, ...] | None = None


@dataclass(frozen=True)
class Anatomy:
    """A file's parts, and how they become a file."""

    dialect: str
    parts: tuple[Part, ...]
    write: Callable[[Sequence[Part]], bytes]


def anatomy(data: bytes) -> Anatomy:
    """Take a sound file apart; one of a format without parts is cut into pieces of 16 bytes."""
    for magic, dialect, read in _READERS:
        if data[magic[0] :].startswith(magic[1]):
            return Anatomy(dialect, tuple(read(data)), _WRITERS[dialect](data))
    return Anatomy("bytes", tuple(_pieces(data)), _joined)


def _chunks(data: bytes) -> Iterator[Part]:
    at = 8
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        yield Part(data[at + 4 : at + 8], data[at + 8 : at + 8 + size])
        at += size + 12


def _as_png(parts: Sequence[Part]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(each.body)) + each.kind + each.body
        + struct.pack(">I", zlib.crc32(each.kind + each.body))
        for each in parts
    )  # fmt: skip


def _segments(data: bytes) -> Iterator[Part]:
    """Yield JPEG's and JPEG 2000's; what follows a scan or a tile's header is a part by itself."""
    at = 0
    while at + 1 < len(data):
        kind = data[at : at + 2]
        if kind[0] != 0xFF or kind[1] in (0xFF, 0x00):
            end = _next_marker(data, at)
            yield Part(b"", data[at:end])
        elif kind[1] in _BARE_MARKERS:
            yield Part(kind, b"")
            end = at + 2
        else:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            yield Part(kind, data[at + 4 : end])
        at = end


def _next_marker(data: bytes, at: int) -> int:
    while (at := data.find(b"\xff", at + 1)) >= 0:
        if data[at + 1 : at + 2] not in (b"", b"\0", b"\xff") and not 0xD0 <= data[at + 1] < 0xD8:
            return at
    return len(data)


def _as_segments(parts: Sequence[Part]) -> bytes:
    return b"".join(
        each.kind + each.body
        if each.kind[1:2] in _BARE
        else each.kind + struct.pack(">H", (len(each.body) + 2) & 0xFFFF) + each.body
        for each in parts
    )


def _riff(data: bytes) -> Iterator[Part]:
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield Part(data[at : at + 4], data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2


def _as_riff(parts: Sequence[Part]) -> bytes:
    body = b"WEBP" + b"".join(
        each.kind + struct.pack("<I", len(each.body)) + each.body + bytes(len(each.body) % 2)
        for each in parts
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _boxes(data: bytes) -> Iterator[Part]:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big") or len(data) - at
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + size]
        skip = _CONTAINERS.get(kind)
        if skip is None:
            yield Part(kind, body)
        else:
            yield Part(kind, body[:skip], tuple(_boxes(body[skip:])))
        at += max(size, 8)


def _as_boxes(parts: Sequence[Part]) -> bytes:
    out = []
    for each in parts:
        body = each.body + (_as_boxes(each.inner) if each.inner is not None else b"")
        out.append(struct.pack(">I", len(body) + 8) + each.kind + body)
    return b"".join(out)


def _blocks(data: bytes) -> Iterator[Part]:
    """Yield a GIF's: its header with the palette, then extensions and pictures."""
    at = 13 + (3 << (data[10] & 7) + 1) * (data[10] >> 7)
    yield Part(b"", data[:at])
    while at < len(data):
        begin = at
        if data[at] == _EXTENSION:
            at += 2
        elif data[at] == _IMAGE:
            at += 11 + (3 << (data[at + 9] & 7) + 1) * (data[at + 9] >> 7)
        else:
            yield Part(data[at : at + 1], data[at + 1 :])
            return
        head = at
        while data[at]:
            at += 1 + data[at]
        at += 1
        yield Part(data[begin : begin + 1], data[begin + 1 : head] + data[head:at])


def _entries(data: bytes) -> Iterator[Part]:
    """Yield the entries of a classic TIFF's first directory."""
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, at)
    for place in range(at + 2, at + 2 + 12 * count, 12):
        yield Part(data[place : place + 2], data[place + 2 : place + 12])


def _as_tiff(data: bytes) -> Callable[[Sequence[Part]], bytes]:
    """Put entries into a directory behind the file that they come from, whose data stays."""
    order = "<" if data[:2] == b"II" else ">"

    def write(parts: Sequence[Part]) -> bytes:
        rows = b"".join(each.kind + each.body for each in parts)
        count = struct.pack(f"{order}H", len(parts) & 0xFFFF)
        where = struct.pack(f"{order}I", len(data))
        return data[:4] + where + data[8:] + count + rows + bytes(4)

    return write


def _pieces(data: bytes) -> Iterator[Part]:
    return (Part(b"", data[at : at + 16]) for at in range(0, len(data), 16))


def _joined(parts: Sequence[Part]) -> bytes:
    return b"".join(each.kind + each.body for each in parts)


_READERS: Final[Sequence[tuple[tuple[int, bytes], str, Callable[[bytes], Iterator[Part]]]]] = (
    ((0, b"\x89PNG"), "png", _chunks),
    ((0, b"\xff\xd8"), "segments", _segments),
    ((0, b"\xff\x4f"), "segments", _segments),
    ((0, b"RIFF"), "riff", _riff),
    ((0, b"GIF8"), "gif", _blocks),
    ((4, b"ftyp"), "boxes", _boxes),
    ((4, b"jP  "), "boxes", _boxes),
    ((4, b"JXL "), "boxes", _boxes),
    ((0, b"II*\0"), "tiff", _entries),
    ((0, b"MM\0*"), "tiff", _entries),
)
_WRITERS: Final[dict[str, Callable[[bytes], Callable[[Sequence[Part]], bytes]]]] = {
    "png": lambda _: _as_png,
    "segments": lambda _: _as_segments,
    "riff": lambda _: _as_riff,
    "gif": lambda _: _joined,
    "boxes": lambda _: _as_boxes,
    "tiff": _as_tiff,
}
