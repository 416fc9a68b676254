"""JPEG 2000's code streams: what they say of their samples, and made to say it otherwise.

ISO 15444-1, annex A.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGIN: Final = b"\xff\x4f\xff\x51"
_MARKER_BYTES: Final = 2
_SIZE, _CODING, _STEPS, _STEPS_OF_CHANNEL, _TILE = 0xFF51, 0xFF52, 0xFF5C, 0xFF5D, 0xFF90
# In the segment of sizes, three bytes of each channel, the first of which is its depth less one.
_DEPTHS_AT, _CHANNEL_BYTES = 38, 3
_DEPTH: Final = 0x7F
_MIXED_AT: Final = 6
# Of quantization: how many guard bits it has, what it is, and a step's exponent by one more.
_GUARD_BIT, _STYLE, _EXPONENT = 0x20, 0x1F, 0x0800
_MOST_STEP: Final = 0xFFFF


class _Segment(NamedTuple):
    """A segment of the main header, and where what follows its marker begins and ends."""

    marker: int
    start: int
    end: int


def within(data: bytes) -> bytes:
    """Return the code stream of the file ``data``, with whatever stands behind it."""
    return data[max(0, data.find(_BEGIN)) :]


def depth(stream: bytes) -> int:
    """Return the most bits that a channel of ``stream`` has; 8 where that cannot be read."""
    channels = (stream[at] & _DEPTH for at in _channels(stream))
    return 1 + max(channels, default=7)


def mixed(stream: bytes) -> bool:
    """Say whether ``stream`` itself mixes its channels, and so has RGB once it is decoded."""
    coding = (part for part in _segments(stream) if part.marker == _CODING)
    return any(stream[part.start + _MIXED_AT] for part in coding)


def halved(stream: bytes) -> bytes:
    """Return ``stream`` with one bit more a sample, of which it uses the middle half of levels.

    Steps of quantization, which are told in parts of the whole, stay what they were.
    """
    made = bytearray(stream)
    for at in _channels(stream):
        made[at] = (made[at] + 1) & 0xFF
    for part in _segments(stream):
        if part.marker in (_STEPS, _STEPS_OF_CHANNEL):
            _finer(made, part.start + 2 + (part.marker == _STEPS_OF_CHANNEL), part.end)
    return bytes(made)


def _finer(made: bytearray, at: int, end: int) -> None:
    if not made[at] & _STYLE or made[at] < _GUARD_BIT:
        return
    made[at] -= _GUARD_BIT
    for place in range(at + 1, end - 1, 2):
        (step,) = struct.unpack_from(">H", made, place)
        struct.pack_into(">H", made, place, min(step + _EXPONENT, _MOST_STEP))


def _channels(stream: bytes) -> Iterator[int]:
    """Yield where each channel's depth stands."""
    for part in _segments(stream):
        if part.marker == _SIZE and part.end - part.start >= _DEPTHS_AT:
            first = part.start + _DEPTHS_AT
            yield from range(first, part.end - _CHANNEL_BYTES + 1, _CHANNEL_BYTES)


def _segments(stream: bytes) -> Iterator[_Segment]:
    """Yield the segments of the main header, as far as they are whole; the length is their own."""
    at = _MARKER_BYTES
    while at + 2 * _MARKER_BYTES <= len(stream):
        marker, length = struct.unpack_from(">2H", stream, at)
        start = at + _MARKER_BYTES
        if marker == _TILE or length < _MARKER_BYTES or start + length > len(stream):
            return
        yield _Segment(marker, start, start + length)
        at = start + length
