"""A TIFF written anew around its own data, so that Pillow finds in front what is the picture."""

from __future__ import annotations

import struct
from typing import Final

from handler.image.tiff.directory import Directory, Entry

_HEADER_BYTES: Final = 8
_SHORT, _LONG, _IFD = 3, 4, 13
# BigTIFF's types of 64 bits, and what they are in a classic TIFF: a file of 4 GB is never read.
_SHORTER: Final = {16: _LONG, 17: 9, 18: _IFD}
_LENGTHS: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
# Directories below this one stay written as they were: a classic TIFF cannot point to them.
_POINTERS: Final = frozenset({330, 34665, 34853, 40965})
_INLINE_BYTES: Final = 4


def beginning_with(directory: Directory) -> bytes:
    """Return the file with ``directory`` as its first, everything else where it was."""
    layout = directory.layout
    moved = bytearray(directory.data)
    struct.pack_into(layout.offset, moved, layout.first_at, directory.at)
    return bytes(moved)


def classic(directory: Directory) -> bytes:
    """Return a BigTIFF as a classic TIFF of one ``directory``; its data stays where it was.

    Pillow 13.0.0 takes the version from the byte that holds it in little-endian files only, and so
    reads no big-endian BigTIFF.
    """
    order = directory.layout.order
    entries, spilled = [], bytearray()
    heap = len(directory.data)
    for tag, entry in sorted(directory.entries.items()):
        if tag in _POINTERS or _SHORTER.get(entry.kind, entry.kind) not in _LENGTHS:
            continue
        kind, body = _values(directory, entry)
        field = body.ljust(_INLINE_BYTES, b"\0")
        if len(body) > _INLINE_BYTES:
            field = struct.pack(order + "I", heap + len(spilled))
            spilled += body + bytes(len(body) % 2)
        entries.append(struct.pack(order + "HHI", tag, kind, entry.quantity) + field)

    at = heap + len(spilled)
    head = struct.pack(order + "2sHI", directory.data[:2], 42, at)
    first = struct.pack(order + "H", len(entries)) + b"".join(entries) + bytes(4)
    return head + directory.data[_HEADER_BYTES:] + bytes(spilled) + first


def _values(directory: Directory, entry: Entry) -> tuple[int, bytes]:
    """Return an entry's type in a classic TIFF, and its values as they are written there."""
    kind = _SHORTER.get(entry.kind, entry.kind)
    if kind == entry.kind:
        return kind, directory.data[entry.at : entry.at + entry.quantity * _LENGTHS[kind]]
    order = directory.layout.order
    wide = struct.unpack_from(f"{order}{entry.quantity}Q", directory.data, entry.at)
    return kind, struct.pack(f"{order}{entry.quantity}I", *(value & 0xFFFFFFFF for value in wide))
