"""Icons as Pillow opens them, which decodes them: looked at before that happens.

An icon says in a byte how wide it is, 256 at most, and the picture within says it again. Pillow
believes the latter, and reads it whole before anybody can hold it against a limit.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL.IcoImagePlugin import IcoFile, IcoImageFile
from PIL.PngImagePlugin import PngImageFile

from handler.image.picture import Rejected

_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Four times what an icon can say of itself: some programs put larger ones within.
_LARGEST_EDGE: Final = 1024
_SIZE_AT: Final = 4
_EDGE_BYTES: Final = 4


def opened(stream: BytesIO) -> IcoImageFile:
    """Open an icon by its largest picture.

    Raises:
        Rejected: that one is larger than icons are.
        OSError, SyntaxError, ValueError and others: as Pillow's own, where it is damaged.
    """
    width, height = _inner_size(stream)
    if max(width, height) > _LARGEST_EDGE:
        raise Rejected(f"an icon of {width} x {height}; at most {_LARGEST_EDGE} are read")
    stream.seek(0)
    return IcoImageFile(stream)


def _inner_size(stream: BytesIO) -> tuple[int, int]:
    """Return what the largest picture says of itself: a bitmap counts its mask as further rows."""
    largest = IcoFile(stream).entry[0]
    stream.seek(largest.offset)
    head = stream.read(len(_PNG))
    if head == _PNG:
        stream.seek(largest.offset)
        return PngImageFile(stream).size
    edges = head[_SIZE_AT:] + stream.read(_EDGE_BYTES)
    width = int.from_bytes(edges[:_EDGE_BYTES], "little", signed=True)
    height = int.from_bytes(edges[_EDGE_BYTES:], "little", signed=True)
    return abs(width), abs(height) // 2
