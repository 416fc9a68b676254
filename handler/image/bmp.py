"""BMP as Pillow opens it, and with masks of any bits, which it refuses.

Seen in Pillow 13.0.0: of the layouts in which masks may tell a pixel's bits it knows a list of ten,
and of 16 bits it passes over transparency; it does not know masks with one of transparency behind
an old header, OS/2's headers that are cut, or a profile; and it fails at a palette that is longer
than its pixels can tell.
https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any, Final

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile

from handler.formats import Cost
from handler.image import levels
from handler.image.bmp_numbers import Numbered

_BYTE: Final = 8
_MASKS_AT: Final = 54
# BITMAPV3INFOHEADER is the first header that has a mask of transparency.
_WITH_ALPHA_BYTES: Final = 56
_RUNS, _BITFIELDS, _ALPHA_BITFIELDS = (1, 2), 3, 6
_TWO_BITS: Final = 2
# Where a header of 40 bytes or more says how many bits a pixel has, how they are coded, and how
# many colours the palette has.
_DEPTH_AT, _COLOURS_AT = 28, 46
_MOST_PALETTE_BITS: Final = 8
_DEPTHS: Final = (16, 32)
# Of 16 bits Pillow sees no transparency.
_TRANSPARENT_UNSEEN: Final = 16
# In front of the header, and where that says where the pixels begin.
_FILE_BYTES, _PIXELS_AT = 14, 10
# BITMAPINFOHEADER, and OS/2's shortest that has four bytes for a side.
_INFO_BYTES, _CUT_BYTES = 40, 16
# Of BITMAPV5HEADER: what its colours are, and where an embedded profile lies, from the header on.
_WITH_PROFILE_BYTES, _SPACE_AT, _PROFILE_AT = 124, 70, 126
_EMBEDDED: Final = b"DEBM"


class Masked(ImageFile):
    """A BMP whose pixels' bits are told by masks, in any order and of any length."""

    format = "BMP"
    format_description = "BMP"
    cost = Cost(12, 80)

    def _open(self) -> None:
        data: bytes = self.fp.getvalue()  # type: ignore[union-attr]
        (self._at,) = struct.unpack_from("<I", data, 10)
        header, width, height, _, depth, coding = struct.unpack_from("<I2i2HI", data, 14)
        alpha = header >= _WITH_ALPHA_BYTES or coding == _ALPHA_BITFIELDS
        self._masks = struct.unpack_from("<4I" if alpha else "<3I", data, _MASKS_AT)
        if depth not in _DEPTHS or not any(self._masks[:3]) or width <= 0:
            raise OSError("Unsupported BMP bitfields layout")
        self._data, self._depth, self._upwards = data, depth, height > 0
        self._size = width, abs(height)
        self._mode = "RGBA" if any(self._masks[3:]) else "RGB"
        self.tile = []

    def load(self) -> Any:
        """Unpack the pixels, once."""
        if self._im is None:
            wanted = self._masks[: len(self.mode)]
            channels = [self._channel(mask) for mask in wanted]
            self.im = Image.merge(self.mode, channels).im
        return Image.Image.load(self)

    def _channel(self, mask: int) -> Image.Image:
        """Return the channel of ``mask``: read backwards, a pixel's highest bits come first."""
        width, height = self.size
        if not mask:
            return Image.new("L", self.size)
        length, step = mask.bit_length(), self._depth // _BYTE
        stride = (width * self._depth + 31) // 32 * 4
        if len(self._data) < self._at + stride * height:
            raise OSError("image file is truncated")
        rows = []
        for row in range(height):
            start = self._at + row * stride
            pixels = self._data[start : start + width * step][::-1]
            highest = levels.window(pixels, self._depth - length, step, mask.bit_count())
            rows.append(highest[::-1])
        ordered = reversed(rows) if self._upwards else rows
        return Image.frombytes("L", self.size, b"".join(ordered))


def opened(stream: BytesIO) -> ImageFile:
    """Open a BMP without decoding it; raises what Pillow's own opener raises."""
    data = _usual(stream.getvalue())
    image = _opened(data)
    if data[_SPACE_AT : _SPACE_AT + 4] == _EMBEDDED and _header(data) >= _WITH_PROFILE_BYTES:
        at, length = struct.unpack_from("<2I", data, _PROFILE_AT)
        image.info["icc_profile"] = data[_FILE_BYTES + at :][:length]
    return image


def _opened(data: bytes) -> ImageFile:
    depth, coding, colours = _facts(data)
    if depth <= _MOST_PALETTE_BITS and colours > 1 << depth:
        return BmpImageFile(BytesIO(_cut(data, 1 << depth)))
    if coding in _RUNS or depth == _TWO_BITS:
        return Numbered(BytesIO(_of_four_bits(data, colours) if depth == _TWO_BITS else data))
    if coding == _BITFIELDS and depth == _TRANSPARENT_UNSEEN and _header(data) >= _WITH_ALPHA_BYTES:
        return Masked(BytesIO(data))
    try:
        return BmpImageFile(BytesIO(data))
    except OSError:
        if coding not in (_BITFIELDS, _ALPHA_BITFIELDS):
            raise
    return Masked(BytesIO(data))


def _of_four_bits(data: bytes, colours: int) -> bytes:
    """Return ``data`` saying that its pixels have 4 bits, with the palette that 2 bits can tell."""
    depth = data[:_DEPTH_AT] + struct.pack("<H", 4) + data[_DEPTH_AT + 2 :]
    return _cut(depth, min(colours or 4, 4))


def _header(data: bytes) -> int:
    """Return how many bytes the header has, by what it says."""
    return int.from_bytes(data[_FILE_BYTES : _FILE_BYTES + 4], "little")


def _usual(data: bytes) -> bytes:
    """Return ``data`` with a header that Pillow knows, where it is one of OS/2's that are cut."""
    length = _header(data)
    if not _CUT_BYTES <= length < _INFO_BYTES:
        return data
    (pixels,) = struct.unpack_from("<I", data, _PIXELS_AT)
    start = struct.pack("<II", pixels + _INFO_BYTES - length, _INFO_BYTES)
    facts = data[_FILE_BYTES + 4 : _FILE_BYTES + length].ljust(_INFO_BYTES - 4, b"\0")
    return data[:_PIXELS_AT] + start + facts + data[_FILE_BYTES + length :]


def _facts(data: bytes) -> tuple[int, int, int]:
    """Return depth, coding and colours of the palette; zeros where the header has no room."""
    if len(data) < _MASKS_AT or int.from_bytes(data[14:18], "little") < _MASKS_AT - 14:
        return 0, 0, 0
    depth, coding = struct.unpack_from("<HI", data, _DEPTH_AT)
    return depth, coding, *struct.unpack_from("<I", data, _COLOURS_AT)


def _cut(data: bytes, colours: int) -> bytes:
    """Return ``data`` saying that its palette has so many colours."""
    return data[:_COLOURS_AT] + struct.pack("<I", colours) + data[_COLOURS_AT + 4 :]
