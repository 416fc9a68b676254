"""A result with a gain map behind it, and everything that announces it true."""

from __future__ import annotations

import struct
from typing import Final

from handler.image import jpeg

ISO: Final = b"urn:iso:std:iso:ts:21496:-1\0"
_APP2: Final = b"\xff\xe2"
# Of CIPA DC-007: version, number of pictures, and their list; each entry is 16 bytes.
_MPF: Final = b"MPF\0"
_VERSION, _NUMBER, _ENTRIES = 0xB000, 0xB001, 0xB002
_UNDEFINED, _LONG = 7, 4
_ENTRIES_AT: Final = 8 + 2 + 3 * 12 + 4
_MPF_BYTES: Final = _ENTRIES_AT + 2 * 16
_PRIMARY: Final = 0x030000
# ISO 21496-1's versions, of which the primary picture tells nothing but these.
_ISO_VERSIONS: Final = ISO + bytes(4)


def joined(primary: bytes, gain: bytes) -> bytes:
    """Return ``primary``, whose XMP announces it, with the JPEG ``gain`` behind it."""
    at = jpeg.behind_applications(primary)
    versions = segment(_ISO_VERSIONS) if ISO in gain[: jpeg.behind_applications(gain)] else b""
    header_at = at + len(versions) + 4 + len(_MPF)
    size = header_at + _MPF_BYTES + len(primary) - at
    entries = struct.pack(">3IHH", _PRIMARY, size, 0, 0, 0)
    entries += struct.pack(">3IHH", 0, len(gain), size - header_at, 0, 0)
    pictures = segment(_MPF + _directory(entries))
    return primary[:at] + versions + pictures + primary[at:] + gain


def segment(body: bytes) -> bytes:
    """Return ``body`` as an APP2 segment."""
    return _APP2 + struct.pack(">H", len(body) + 2) + body


def _directory(entries: bytes) -> bytes:
    fields = (
        struct.pack(">HHI4s", _VERSION, _UNDEFINED, 4, b"0100"),
        struct.pack(">HHII", _NUMBER, _LONG, 1, 2),
        struct.pack(">HHII", _ENTRIES, _UNDEFINED, len(entries), _ENTRIES_AT),
    )
    head = b"MM\0*" + struct.pack(">IH", 8, len(fields))
    return head + b"".join(fields) + bytes(4) + entries
