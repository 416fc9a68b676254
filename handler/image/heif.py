"""HEIF, which phones write, read by pi-heif.

That is pillow-heif without its encoder, which is half the layer, and GPL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final, NamedTuple

from pi_heif import HeifImageFile, options
from PIL import Image, ImageFile

from handler.image import blocks
from handler.image.picture import Damaged, Rejected


class _Box(NamedTuple):
    """A box of the file: its type, and the bytes it claims."""

    kind: bytes
    start: int
    end: int


# Each decoding thread keeps memory for good, a picture's worth and more; Lambda gives one processor
# or little over it.
options.DECODE_THREADS = 1


# An item's entry, ISO 14496-12 8.11.6: its length, version, flags, number and protection; what
# follows is its type, its name and its content type.
_ENTRY: Final = re.compile(rb"(.{4})infe(?:\x02.{7}|\x03.{9})", re.DOTALL)
_TYPE_BYTES: Final = 4
_READ: Final = frozenset({b"hvc1", b"av01"})
_UNREAD: Final = {
    b"avc1": "H.264",
    b"vvc1": "H.266",
    b"evc1": "EVC",
    b"jpeg": "JPEG",
    b"j2k1": "JPEG 2000",
    b"unci": "uncompressed numbers",
}
_ASCII_ONLY: Final = bytes(range(128)) + b"?" * 128


class Heif(HeifImageFile):  # type: ignore[misc]  # which has no types
    """A HEIF that is also read as averages, without ever being there as a whole picture."""

    _heif_file: Any

    def averaged(self, block: tuple[int, int]) -> Image.Image:
        """Return it decoded, each ``block`` of pixels averaged; raises what ``load`` raises.

        Colours of one with alpha are multiplied by it.
        """
        coded = self._heif_file[self.tell()]
        rows = memoryview(coded.data)
        self._size = width, height = coded.size  # decoding may find it to be another
        raw = (coded.mode, coded.stride)
        bands = (
            Image.frombytes(
                coded.mode,
                (width, end - top),
                rows[top * coded.stride : end * coded.stride],
                "raw",
                *raw,
            )
            for top, end in blocks.bands(height, block)
        )
        made = blocks.joined(bands, self.size, block)
        self._heif_file = None if not self.is_animated else self._heif_file
        return made


def opened(stream: BytesIO) -> HeifImageFile:
    """Open a HEIF without decoding it.

    Raises ``Damaged`` if it ends early, where libheif would paint green and say nothing.
    """
    data = stream.getvalue()
    boxes = list(_boxes(data))
    if boxes and boxes[-1].end > len(data) and not ImageFile.LOAD_TRUNCATED_IMAGES:
        raise Damaged("damaged: the file ends early")
    _refuse_unread(data)
    return Heif(BytesIO(_named_in_utf8(data, boxes)))


def _refuse_unread(data: bytes) -> None:
    """Raise ``Rejected`` for pictures of codecs that the library lacks, by their name."""
    kinds = {data[each.end() : each.end() + _TYPE_BYTES] for each in _ENTRY.finditer(data)}
    if not kinds & _READ:
        for kind in kinds & _UNREAD.keys():
            raise Rejected(f"a HEIF whose picture is coded as {_UNREAD[kind]}, which is not read")


def _boxes(data: bytes) -> Iterator[_Box]:
    """Yield the outermost boxes, the last of which may claim to end behind ``data``.

    ISO 14496-12 gives each a length, 1 = 64 bits follow, 0 = the rest.
    """
    at, head = 0, 8
    while at + head <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        end = at + (length if length >= head else len(data))
        yield _Box(data[at + 4 : at + 8], at, end)
        at = end


def _named_in_utf8(data: bytes, boxes: list[_Box]) -> bytes:
    """Return ``data`` with every item's type and content type in UTF-8.

    pi-heif 1.4.0 makes Python text of them and does not look whether that failed: a byte that is no
    UTF-8 ends the process (mended in pillow-heif 1.8.1, bigcat88/pillow_heif#478).
    """
    mended = data
    for box in boxes:
        if box.kind == b"meta":
            for entry in _ENTRY.finditer(data, box.start, box.end):
                mended = _entry_in_utf8(mended, entry)
    return mended


def _entry_in_utf8(data: bytes, entry: re.Match[bytes]) -> bytes:
    end = entry.start() + int.from_bytes(entry[1], "big")
    kind = data[entry.end() : min(entry.end() + _TYPE_BYTES, end)]
    name, zero, content_type = data[entry.end() + len(kind) : end].partition(b"\0")
    try:
        (kind + b"\0" + content_type).decode()
    except UnicodeDecodeError:
        told = kind.translate(_ASCII_ONLY) + name + zero + content_type.translate(_ASCII_ONLY)
        return data[: entry.end()] + told + data[end:]
    return data
