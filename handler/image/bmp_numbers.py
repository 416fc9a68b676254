"""BMPs of numbers of a palette as Pillow opens them, unpacked here where it cannot.

Seen in Pillow 13.0.0: it knows no 2 bits a pixel, takes a picture for cut whose runs end before it
does, as they may, and fills what they leave out with the palette's first colour: browsers leave it
black.
https://learn.microsoft.com/windows/win32/gdi/bitmap-compression
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile

from handler.formats import Cost

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOLD: Final = b"\xff"
_END_OF_LINE, _END, _MOVE = 0, 1, 2
_UPWARDS: Final = -1
# What a pixel takes; and in nanoseconds each byte of runs, which are gone through one by one.
_COST: Final = Cost(16, 25)
_BYTE_OF_RUNS: Final = 800


class Numbered(BmpImageFile):
    """A BMP of runs, or of 2 bits a pixel that its header calls 4."""

    @cached_property
    def cost(self) -> Cost:
        """What one of its pixels takes; to be asked before they are unpacked."""
        tile: Any = self.tile[0]
        if tile.codec_name != "bmp_rle":
            return _COST
        length = len(self.fp.getvalue())  # type: ignore[union-attr]
        runs = _BYTE_OF_RUNS * length // max(1, self.width * self.height)
        return _COST._replace(nanoseconds=_COST.nanoseconds + runs)

    def load(self) -> Any:
        """Unpack the pixels, once."""
        if self._im is None:
            tile: Any = self.tile[0]
            data: bytes = self.fp.getvalue()  # type: ignore[union-attr]
            if tile.codec_name == "bmp_rle":
                numbers, told = _runs(data, tile.offset, self.size, four_bits=tile.args[1])
            else:
                numbers, told = _two_bits(data, tile.offset, self.size), b""
            picture = self._coloured(numbers)
            if 0 in told:
                gaps = Image.frombytes("L", self.size, told).point(lambda each: 255 - each)
                picture.paste((0, 0, 0), mask=gaps)
            upright = tile.args[-1] != _UPWARDS
            turned = picture if upright else picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            self.im, self._mode, self.palette, self.tile = turned.im, "RGB", None, []
        return Image.Image.load(self)

    def _coloured(self, numbers: bytes) -> Image.Image:
        picture = Image.frombytes("L", self.size, numbers)
        if self.palette:
            picture.putpalette(self.palette.palette, self.palette.rawmode or "RGB")
        elif self.mode == "1":
            picture = picture.point(lambda number: 255 * number)
        return picture.convert("RGB")


def _two_bits(data: bytes, at: int, size: tuple[int, int]) -> bytes:
    width, height = size
    stride = (width * 2 + 31) // 32 * 4
    packed = data[at : at + stride * height]
    _refuse_cut(len(packed) == stride * height)
    packed = packed.ljust(stride * height, b"\0")
    wide = bytearray(4 * len(packed))
    for place in range(4):
        wide[place::4] = packed.translate(bytes(each >> 6 - 2 * place & 3 for each in range(256)))
    starts = range(0, len(wide), 4 * stride)
    return b"".join(wide[start : start + width] for start in starts)


def _runs(data: bytes, at: int, size: tuple[int, int], *, four_bits: bool) -> tuple[bytes, bytes]:
    """Return the pixels' numbers, and 255 for each of them that the runs tell, 0 for others."""
    width, height = size
    numbers, told = bytearray(width * height), bytearray(width * height)
    for x, y, run in _steps(data, at, size, four_bits=four_bits):
        shown = run[: max(0, width - x)]
        place = y * width + x
        numbers[place : place + len(shown)] = shown
        told[place : place + len(shown)] = _TOLD * len(shown)
    return bytes(numbers), bytes(told)


def _steps(
    data: bytes, at: int, size: tuple[int, int], *, four_bits: bool
) -> Iterator[tuple[int, int, bytes]]:
    """Yield where each run of numbers begins, and the numbers."""
    x = y = 0
    while y < size[1]:
        if at + 2 > len(data):
            _refuse_cut((x, y) >= (size[0], size[1] - 1))
            return
        count, value, at = data[at], data[at + 1], at + 2
        if count or value > _MOVE:
            packed = bytes([value]) * count if count else data[at : at + _length(value, four_bits)]
            run = _halves(packed)[: count or value] if four_bits else packed
            yield x, y, run
            x, at = x + len(run), at + (0 if count else len(packed) + len(packed) % 2)
        elif value == _END_OF_LINE:
            x, y = 0, y + 1
        elif value == _END:
            return
        else:
            x, y, at = x + data[at], y + data[at + 1], at + 2


def _length(numbers: int, four_bits: bool) -> int:  # noqa: FBT001 - of the file
    return (numbers + 1) // 2 if four_bits else numbers


def _halves(packed: bytes) -> bytes:
    return bytes(number for each in packed for number in (each >> 4, each & 15))


def _refuse_cut(whole: bool) -> None:  # noqa: FBT001 - what was found
    if not whole and not ImageFile.LOAD_TRUNCATED_IMAGES:
        raise OSError("image file is truncated")
