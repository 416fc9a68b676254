"""Orientation: which way a picture lies in its file, told by EXIF alone.

Pillow's ``getexif`` also believes XMP, which no browser does: a tool that turned the pixels and
dropped the EXIF tag, but kept the XMP packet, would have its pictures laid on their side.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image

_TAG: Final = 0x0112
_SHORT: Final = 3
_ENTRY_BYTES: Final = 12
_UPRIGHT: Final = 1
_ORIENTATIONS: Final = range(1, 9)


def exif_orientation(image: Image) -> int:
    """Return the EXIF orientation of an opened picture, 1 to 8; 1 where there is none to be read.

    An ``orientation`` of the picture's own, which a TIFF's opener read from its tags, comes first.
    In EXIF only an unsigned short counts: Chromium 156 passes over every other type, and over
    PNG's ``Raw profile type exif``, a custom of ImageMagick's.
    """
    value = getattr(image, "orientation", None) or _stored(image.info.get("exif"))
    return value if value in _ORIENTATIONS else _UPRIGHT


def _stored(exif: object) -> int:
    if not isinstance(exif, bytes):
        return _UPRIGHT
    try:
        return _in_first_directory(exif.removeprefix(b"Exif\0\0"))
    except struct.error:
        return _UPRIGHT  # cut short, or its offsets lead out of it


def _in_first_directory(tiff: bytes) -> int:
    """Return the tag's value in the first directory of ``tiff``; TIFF 6.0, section 2."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return _UPRIGHT
    (directory,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, directory)

    for at in range(directory + 2, directory + 2 + count * _ENTRY_BYTES, _ENTRY_BYTES):
        tag, kind, values, value = struct.unpack_from(order + "HHIH", tiff, at)
        if (tag, kind, values) == (_TAG, _SHORT, 1):
            return int(value)
    return _UPRIGHT
