"""A JPEG without the application segments that Pillow cannot read, and with its end mark."""

from __future__ import annotations

import zlib
from io import BytesIO
from types import SimpleNamespace
from typing import Final, cast

from PIL import Image
from PIL.JpegImagePlugin import APP, JpegImageFile

from handler.image.jpeg import EOI, Segment, header, segments
from handler.image.picture import Rejected

_APPLICATION: Final = range(0xE0, 0xF0)
_MARKER_AND_LENGTH: Final = 4
_EIGHT_BITS: Final = 8
_NUMBER_AT: Final = 13
# By the marker of the frame (T.81, table B.1): codings that Pillow does not read.
_LOSSLESS: Final = frozenset({0xC3, 0xC7, 0xCB, 0xCF})
_HIERARCHICAL: Final = frozenset({0xC5, 0xC6, 0xCD, 0xCE})
# What follows the end of complete data is passed over; where data is missing, this is decoded as
# if it were the picture, and shows: zeros would not, for the usual codes end a block with them.
_PADDING: Final = b"\xdb\x6d\xb6" * 170
_STRIP_ROWS: Final = 64
_LARGE_PIXELS: Final = 25_000_000


def without_broken(data: bytes) -> tuple[bytes, list[str]]:
    """Return ``data`` without its unreadable application segments, and the names of those.

    An end mark is added where only that is missing.

    Raises:
        Rejected: the file is of a coding that no browser shows.
    """
    _refuse_unread(data)
    found = list(segments(data))
    broken = [each for each in found if each.marker in _APPLICATION and not _readable(each)]

    kept, at = [], 0
    for segment in broken:
        kept.append(data[at : segment.at])
        at = segment.at + _MARKER_AND_LENGTH + len(segment.body)
    mended = b"".join((*kept, data[at:]))
    if found and EOI not in mended[found[-1].at :] and _complete(mended):
        mended += EOI
    return mended, [f"APP{segment.marker - _APPLICATION.start}" for segment in broken]


def _refuse_unread(data: bytes) -> None:
    told = header(data)
    if told is None:
        return
    if told.frame in _LOSSLESS:
        raise Rejected("a lossless JPEG, which no browser shows and is not read here")
    if told.frame in _HIERARCHICAL:
        raise Rejected("a hierarchical JPEG, which no browser shows and is not read here")
    if told.bits != _EIGHT_BITS:
        raise Rejected(f"a JPEG of {told.bits} bits, which no browser shows and is not read here")


def _readable(segment: Segment) -> bool:
    """Say whether Pillow's own reader takes a segment."""
    length = (len(segment.body) + 2).to_bytes(2, "big")
    reader = SimpleNamespace(
        fp=BytesIO(length + segment.body), info={}, app={}, applist=[], icclist=[]
    )
    try:
        APP(cast("JpegImageFile", reader), 0xFF00 | segment.marker)
    except Exception:  # noqa: BLE001 - Pillow documents none of what it raises
        return False
    # A piece of a profile is numbered; Pillow looks for the number later, behind all segments.
    return all(len(piece) > _NUMBER_AT for piece in reader.icclist)


def _complete(data: bytes) -> bool:
    """Say whether ``data``, which has no end mark, has all of its pixels' data."""
    try:
        return _pixels(data + EOI) == _pixels(data + _PADDING + EOI)
    except Exception:  # noqa: BLE001 - Pillow documents none of what it raises
        return False


def _pixels(data: bytes) -> int:
    """Return a checksum of the pixels, strip by strip to spare memory, the largest at half size."""
    with JpegImageFile(BytesIO(data)) as image:
        if image.width * image.height > _LARGE_PIXELS:
            image.draft(None, (image.width // 2, image.height // 2))
        image.load()
        checksum = 0
        for top in range(0, image.height, _STRIP_ROWS):
            box = (0, top, image.width, min(top + _STRIP_ROWS, image.height))
            checksum = zlib.crc32(Image.Image.crop(image, box).tobytes(), checksum)
    return checksum
