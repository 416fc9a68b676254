"""How a file's first frame is coded, which decides what decoding takes (ISO 18181-1, C.2).

Most are decoded block by block. Those that get sharper while they arrive are held as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from handler.formats import Cost
from handler.image.jpegxl.room import is_pyramid

if TYPE_CHECKING:
    from handler.image.jpegxl.decoder import Header

# Any frame's header has so many bytes, its name left out.
_HEADER_BYTES: Final = 64
_DC_FRAME, _REFERENCE_ONLY = 1, 2
_HAS_DC_FRAME: Final = 32


# Bytes of a pixel at the peak, measured, by channels: of a picture held as a whole, in libjxl's own
# colours, in others; and what adds to it.
_WHOLE_BYTES: Final = {1: 22, 2: 42, 3: 35, 4: 47}
_XYB_BYTES: Final = {1: 5, 2: 11, 3: 8, 4: 9}
_OTHER_BYTES: Final = {1: 2, 2: 7, 3: 6, 4: 6}
_EXTRA_BYTES, _MOVING_BYTES, _DEEP_BYTES = 12, 7, 11
# Nanoseconds, by whether it is held as a whole; and without loss.
_NANOSECONDS: Final = {False: 80, True: 120}
_MODULAR_NANOSECONDS, _EXTRA_NANOSECONDS = 300, 60


class Coding(NamedTuple):
    """``modular``: without loss, or as such; ``whole``: held as a whole until it is decoded."""

    modular: bool
    whole: bool


def cost(data: bytes, told: Header, *, deep: bool) -> Cost:
    """Return what a pixel of ``data`` takes; ``deep`` if it is decoded into 16 bits.

    What cannot be told of the coding is taken for the worst.
    """
    coded = _coding(data, told)
    held = _WHOLE_BYTES if coded.whole else _XYB_BYTES if told.xyb else _OTHER_BYTES
    further = told.extras - told.alpha
    memory = (
        held[told.colours + told.alpha]
        + _EXTRA_BYTES * further
        + _MOVING_BYTES * told.moving
        + _DEEP_BYTES * deep
    )
    time = _MODULAR_NANOSECONDS if coded.modular else _NANOSECONDS[coded.whole]
    return Cost(memory, time + _EXTRA_NANOSECONDS * further)


def _coding(data: bytes, told: Header) -> Coding:
    """Return how the first frame of ``data`` is coded; what cannot be told is taken for the worst.

    Little is decoded for it: of a picture without loss, what stands before its first block.
    """
    bits = _Bits(data[told.end : told.end + _HEADER_BYTES])
    if bits.take(1):
        return Coding(modular=False, whole=_beside(data, told))
    kind, modular = bits.take(2), bool(bits.take(1))
    if kind == _DC_FRAME:
        return Coding(modular=False, whole=True)
    if modular:
        channels = told.colours + told.extras
        return Coding(modular=True, whole=told.xyb or is_pyramid(data, told, channels))
    beside = _beside(data, told)
    return Coding(modular=False, whole=beside or _several_passes(bits, kind, told))


def _beside(data: bytes, told: Header) -> bool:
    """Say whether alpha, or another further channel, is held as a whole."""
    return told.extras > 0 and is_pyramid(data, told, told.extras)


def _several_passes(bits: _Bits, kind: int, told: Header) -> bool:
    flags = bits.long()
    if not told.xyb and bits.take(1) and not flags & _HAS_DC_FRAME:
        bits.take(6)  # how colours of a JPEG are sampled
    if not flags & _HAS_DC_FRAME:
        bits.take(2 * (1 + told.extras))  # what it is enlarged by
    if told.xyb:
        bits.take(6)  # how coarse red and blue are
    return kind != _REFERENCE_ONLY and bits.take(2) > 0


class _Bits:
    """The bits of a header, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        value = self._left & ((1 << count) - 1)
        self._left >>= count
        return value

    def long(self) -> int:
        """Return a U64 (B.2.4) of at most 12 bits, as all are that are in use."""
        match self.take(2):
            case 0:
                return 0
            case 1:
                return 1 + self.take(4)
            case 2:
                return 17 + self.take(8)
        return self.take(12)
