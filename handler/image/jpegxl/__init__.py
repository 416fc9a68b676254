"""JPEG XL, read by libjxl: limits are held against its header, and then its frames are decoded."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from PIL import Image
from PIL.ImageFile import ImageFile

from handler.formats import Cost
from handler.image import boxes
from handler.image.jpegxl import decoder
from handler.image.jpegxl import library as jxl
from handler.image.jpegxl.coding import cost
from handler.image.levels import srgb_numbers
from handler.image.picture import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BytesIO

# By how many channels libjxl is asked for; a fourth beside three colours is there for the asking.
_MODES: Final = {1: "L", 2: "LA", 4: "RGBA"}
_COLOURS: Final = 3
_P3_PRIMARIES: Final = 11
_D65: Final = 1
# Curves that are kept as they are: sRGB's, and those that go beyond white.
_KEPT: Final = frozenset({jxl.SRGB, jxl.PQ, jxl.HLG})
_WITHOUT_BOXES: Final = b"\xff\n"
_SAID: Final = {b"Exif": "exif", b"xml ": "xmp"}
_PACKED: Final = b"brob"
_KIND_BYTES, _OFFSET_BYTES = 4, 4
_PIECE_BYTES: Final = 1 << 20
# More is no metadata: what is kept of it is at most a sixteenth.
_MOST_UNPACKED: Final = 1 << 20


class JpegXl(ImageFile):
    """A JPEG XL whose header was read; upright, for libjxl turns it while it decodes.

    Attributes:
        header: what it says before its pixels.
        encoding: what its decoded numbers mean, where they have no ICC profile.
    """

    format = "JXL"
    format_description = "JPEG XL"

    def _open(self) -> None:
        self._data: bytes = self.fp.getvalue()  # type: ignore[union-attr]
        self.header = told = decoder.header(self._data)
        if told.black:
            raise Rejected("a JPEG XL in CMYK, which is not read: export it in RGB")
        self._wanted = _wanted(told)
        self.encoding = self._wanted.encoding or told.encoding
        self._size = told.size
        self._mode = ("L" if told.colours == 1 else "RGB") + "A" * told.alpha
        self.info = dict[Any, Any](_metadata(self._data))
        if self.encoding is None:
            self.info["icc_profile"] = told.profile
        if told.moving:
            self.info["loop"] = told.plays
        self._at, self._decoded = 0, -1
        self._reel: Iterator[decoder.Pixels] | None = None
        self.tile = []

    @cached_property
    def cost(self) -> Cost:
        """What one of its pixels takes; to be asked when there are not too many of them."""
        return cost(self._data, self.header, deep=self._wanted.deep)

    @cached_property
    def n_frames(self) -> int:
        """How many frames it shows; none is decoded to count them."""
        return decoder.frame_count(self._data) if self.header.moving else 1

    def seek(self, frame: int) -> None:
        """Turn to a frame; it is decoded when it is loaded, forwards in one go."""
        self._at = frame

    def tell(self) -> int:
        """Return the number of the frame."""
        return self._at

    def load(self) -> Any:
        """Decode the frame, once; raises ``Damaged``, and ``EOFError`` behind the last."""
        if self._decoded != self._at:
            if self._reel is None or self._decoded + 1 != self._at:
                self._reel = decoder.frames(self._data, self.header, self._wanted, self._at)
            self._show(next(self._reel, None))
            self._decoded = self._at
        return Image.Image.load(self)

    def _show(self, pixels: decoder.Pixels | None) -> None:
        if pixels is None:
            raise EOFError
        mode = _MODES[self._wanted.channels]
        # Pillow has no picture of three colours that lies in a buffer of somebody else's.
        raw = "RGBX" if mode == "RGBA" and not self.header.alpha else mode
        numbers = _in_8_bits(pixels.data, mode) if self._wanted.deep else pixels.data
        image = Image.frombuffer(raw, self.size, numbers, "raw", raw, 0, 1)
        self.im, self._mode = image.im, image.mode
        self.info["duration"] = pixels.milliseconds


def opened(stream: BytesIO) -> JpegXl:
    """Open a JPEG XL without decoding it; raises ``Damaged``, and ``Rejected`` for CMYK."""
    return JpegXl(stream)


def _wanted(told: decoder.Header) -> decoder.Wanted:
    """Return what libjxl is to make of the colours.

    Those in its own space it brings into any that has a name, from more than 8 bits: into sRGB's
    curve, and in place of a profile into Display P3. Others it leaves as they are; light itself
    needs more than 8 bits for what is dark.
    """
    channels = told.colours + (told.alpha or told.colours == _COLOURS)
    encoding = told.encoding
    if not told.xyb:
        linear = encoding is not None and encoding.transfer_function == jxl.LINEAR
        return decoder.Wanted(channels, linear, None)
    kind = jxl.GRAY if told.colours == 1 else jxl.RGB
    if encoding is None or encoding.color_space != kind:
        made = jxl.ColorEncoding(kind, _D65, primaries=_P3_PRIMARIES, transfer_function=jxl.SRGB)
        return decoder.Wanted(channels, deep=False, encoding=made)
    if encoding.transfer_function in _KEPT:
        return decoder.Wanted(channels, deep=False, encoding=None)
    made = type(encoding).from_buffer_copy(encoding)
    made.transfer_function = jxl.SRGB
    return decoder.Wanted(channels, deep=False, encoding=made)


def _in_8_bits(data: bytearray, mode: str) -> bytearray:
    """Return light in 16 bits, with its alpha if ``mode`` has one, in 8 bits on sRGB's curve."""
    numbers = bytearray()
    for at in range(0, len(data), _PIECE_BYTES):
        piece = data[at : at + _PIECE_BYTES]
        samples = Image.frombytes("I", (len(piece) // 2, 1), bytes(piece), "raw", "I;16N")
        numbers += samples.point(srgb_numbers(), "L").tobytes()
    if mode[-1] == "A":
        alpha = len(mode)
        numbers[alpha - 1 :: alpha] = data[2 * alpha - 1 :: 2 * alpha]  # the higher byte
    return numbers


def _metadata(data: bytes) -> dict[str, bytes]:
    """Return EXIF and XMP: the first box of each, which may be packed (ISO 18181-2)."""
    found: dict[str, bytes] = {}
    for kind, body in () if data.startswith(_WITHOUT_BOXES) else boxes.boxes(data):
        packed = kind == _PACKED
        name = _SAID.get(body[:_KIND_BYTES] if packed else kind, "")
        if name and name not in found:
            found[name] = decoder.unpacked(body[_KIND_BYTES:], _MOST_UNPACKED) if packed else body
    if exif := found.get("exif"):
        found["exif"] = exif[_OFFSET_BYTES + int.from_bytes(exif[:_OFFSET_BYTES], "big") :]
    return found
