"""Icons as Pillow opens them, which decodes them: looked at before that happens.

An icon says in a byte how wide it is, 256 at most, and the picture within says it again. Pillow
believes the latter, and reads it whole before anybody can hold it against a limit.

Seen in Pillow 13.0.0: of pictures of one size it shows that of fewest colours, where browsers show
that of most; and whether 32 bits have one's alpha among them it asks the directory, where browsers
look at the pixels.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL.IcoImagePlugin import IcoFile, IcoImageFile
from PIL.PngImagePlugin import PngImageFile

from handler.image.picture import Rejected

if TYPE_CHECKING:
    from PIL.IcoImagePlugin import IconHeader

_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Four times what an icon can say of itself: some programs put larger ones within.
_LARGEST_EDGE: Final = 1024
# A directory of one: its kind, how many, and what an entry says of its picture.
_ONE: Final = struct.Struct("<3H4B2H2I")
_ICON: Final = 1
# What Pillow takes for "has alpha", and for "goes by the mask".
_WITH_ALPHA, _MASKED = 32, 24
# The head of a bitmap: its own length, width, height, planes, bits.
_BITMAP: Final = struct.Struct("<I2i2H")


def opened(stream: BytesIO) -> IcoImageFile:
    """Open an icon by its largest picture, of several the one of most colours.

    Raises:
        Rejected: that one is larger than icons are.
        OSError, SyntaxError, ValueError and others: as Pillow's own, where it is damaged.
    """
    data = stream.getvalue()
    best = max(IcoFile(stream).entry, key=lambda entry: (entry.square, entry.color_depth))
    (width, height), depth = _within(data, best)
    if max(width, height) > _LARGEST_EDGE:
        raise Rejected(f"an icon of {width} x {height}; at most {_LARGEST_EDGE} are read")
    edges = best.width & 0xFF, best.height & 0xFF
    alone = _ONE.pack(0, _ICON, 1, *edges, best.nb_color, 0, 1, depth, best.size, best.offset)
    return IcoImageFile(BytesIO(alone + data[_ONE.size :]))


def _within(data: bytes, entry: IconHeader) -> tuple[tuple[int, int], int]:
    """Return the size that the picture says of itself, and its depth as Pillow is to be told it.

    A bitmap counts its mask as further rows.
    """
    if data.startswith(_PNG, entry.offset):
        return PngImageFile(BytesIO(data[entry.offset :])).size, _WITH_ALPHA
    length, width, height, _, bits = _BITMAP.unpack_from(data, entry.offset)
    width, height = abs(width), abs(height) // 2
    start = entry.offset + length
    alpha = bits == _WITH_ALPHA and any(data[start : start + 4 * width * height][3::4])
    return (width, height), _WITH_ALPHA if alpha else min(bits, _MASKED)
