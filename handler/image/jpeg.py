"""A JPEG's segments, walked without decoding: what it is, how many scans it has, what is odd.

ITU-T T.81, annex B. Nothing here is looked at for a JPEG that decodes as it is, unless it is
progressive.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

SOI: Final = b"\xff\xd8"
EOI: Final = b"\xff\xd9"
START_OF_SCAN: Final = 0xDA
_APP1: Final = 0xE1
# Markers of the segments that may stand before a picture's tables.
_APPLICATIONS: Final = range(0xE0, 0xF0)
_EXIF: Final = b"Exif\0\0"
# SOF0 to SOF15, without the tables (DHT, JPG, DAC) that are numbered among them.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Baseline, extended and progressive, all by Huffman's codes: what browsers show.
_VIEWABLE: Final = frozenset({0xC0, 0xC1, 0xC2})
# A marker with a segment behind it, or the end: no stuffed or padding byte, no restart, no TEM.
_MARKER: Final = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]")
_LENGTH_BYTES: Final = 2
_EIGHT_BITS: Final = 8
# Of a frame: bits a sample, height, width.
_FRAME: Final = struct.Struct(">BHH")


class Segment(NamedTuple):
    """One segment: its marker's second byte, where the marker begins, and what follows."""

    marker: int
    at: int
    body: bytes


class Header(NamedTuple):
    """What a JPEG says it is.

    Attributes:
        frame: the marker of its frame, which tells the coding.
        bits: of a sample.
        height: in pixels.
        width: in pixels.
        exif: whether it has an EXIF segment.
    """

    frame: int
    bits: int
    height: int
    width: int
    exif: bool

    @property
    def viewable(self) -> bool:
        """Whether it is of a kind that browsers show."""
        return self.frame in _VIEWABLE and self.bits == _EIGHT_BITS


def segments(data: bytes) -> Iterator[Segment]:
    """Yield the segments of ``data`` as far as they are whole, the scans' data passed over."""
    at = len(SOI)
    while (found := _MARKER.search(data, at)) and found[0] != EOI:
        at = found.start()
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < _LENGTH_BYTES or at + 2 + length > len(data):
            return
        yield Segment(data[at + 1], at, data[at + 4 : at + 2 + length])
        at += 2 + length


def behind_applications(data: bytes) -> int:
    """Return where the application segments end that ``data`` begins with."""
    for each in segments(data):
        if each.marker not in _APPLICATIONS:
            return each.at
    return len(data)


def header(data: bytes) -> Header | None:
    """Return what the JPEG ``data`` says it is, ``None`` if that cannot be read."""
    exif = False
    if not data.startswith(SOI):
        return None
    for segment in segments(data):
        if segment.marker in _FRAMES and len(segment.body) >= _FRAME.size:
            bits, height, width = _FRAME.unpack_from(segment.body)
            return Header(segment.marker, bits, height, width, exif)
        exif = exif or (segment.marker == _APP1 and segment.body.startswith(_EXIF))
    return None
