"""HEIF, which phones write, read by pi-heif.

That is pillow-heif without its encoder, which is half the layer, and GPL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pi_heif import HeifImageFile, options
from PIL import ImageFile

if TYPE_CHECKING:
    from io import BytesIO

# Each decoding thread keeps memory for good, a picture's worth and more; Lambda gives one processor
# or little over it.
options.DECODE_THREADS = 1


def opened(stream: BytesIO) -> HeifImageFile:
    """Open a HEIF without decoding it.

    Raises ``OSError`` if it ends early, where libheif would paint green and say nothing.
    """
    if (
        _boxes_end(stream.getvalue()) > len(stream.getvalue())
        and not ImageFile.LOAD_TRUNCATED_IMAGES
    ):
        raise OSError("the file ends early")
    return HeifImageFile(stream)


def _boxes_end(data: bytes) -> int:
    """Return where the outermost boxes say that the file ends, in bytes.

    ISO 14496-12 gives each a length, 1 = 64 bits follow, 0 = the rest.
    """
    at, head = 0, 8
    while at + head <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        at += length if length >= head else len(data)
    return at
