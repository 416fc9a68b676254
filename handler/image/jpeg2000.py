"""JPEG 2000 as Pillow opens it, less what Pillow gets wrong.

Seen in Pillow 13.0.0: channels that lie in another order than that of their colours (``cdef``, ISO
15444-1, I.5.3.6) are shown in the order in which they lie, and what the boxes around them say of
the maker is not read.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any, Final

from PIL import Image
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from handler.image import boxes

_RGB, _YCC = 16, 18
# Where EXIF, IPTC and XMP lie (XMP specification part 3, 1.1.4; exiftool's list for the others).
_UUIDS: Final = {
    b"JpgTiffExif->JP2": "uuid_exif",
    bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"): "uuid_iptc",
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): "xmp",
}
_UUID_BYTES: Final = 16
_COLOUR_CHANNEL: Final = 0


class Reordered(Jpeg2KImageFile):
    """A picture whose channels are put into the ``order`` of its colours; ``ycc`` if those are."""

    order: tuple[int, ...] = ()
    ycc = False

    def load(self) -> Any:
        """Decode, once, and put the channels in order."""
        loaded = self._im is not None and not self.tile
        access = super().load()
        if not loaded and len(self.getbands()) == len(self.order):
            channels = self.split()
            picture = Image.merge(self.mode, [channels[each] for each in self.order])
            if self.ycc:
                picture = Image.frombytes("YCbCr", picture.size, picture.tobytes()).convert("RGB")
            self.im = picture.im
        return access


def opened(stream: BytesIO) -> Jpeg2KImageFile:
    """Open a JPEG 2000 without decoding it; raises what Pillow's own opener raises."""
    data = stream.getvalue()
    order = _order(boxes.inside(data, b"jp2h", b"cdef"))
    if order in ((), tuple(range(len(order)))):
        image = Jpeg2KImageFile(stream)
    else:
        image = _reordered(data, order)
    for kind, body in boxes.boxes(data):
        if kind == b"uuid" and (name := _UUIDS.get(body[:_UUID_BYTES])):
            image.info[name] = body[_UUID_BYTES:]
    return image


def _reordered(data: bytes, order: tuple[int, ...]) -> Reordered:
    """Open a picture of three colours as RGB, so that its numbers stay what they are."""
    colours = boxes.inside(data, b"jp2h", b"colr")
    told = colours[:3] + _YCC.to_bytes(4, "big")
    ycc = colours == told
    plain = data.replace(b"colr" + told, b"colr" + told[:3] + _RGB.to_bytes(4, "big"), 1)
    image = Reordered(BytesIO(plain))
    image.order, image.ycc = order, ycc
    return image


def _order(body: bytes) -> tuple[int, ...]:
    """Return which channel holds each of three colours; nothing unless it says all three."""
    try:
        (count,) = struct.unpack_from(">H", body)
        entries = [struct.unpack_from(">3H", body, 2 + 6 * at) for at in range(min(count, 8))]
    except struct.error:
        return ()
    held = {colour: channel for channel, kind, colour in entries if kind == _COLOUR_CHANNEL}
    order = tuple(held.get(colour, -1) for colour in (1, 2, 3))
    return order if sorted(order) == [0, 1, 2] and count == len(order) else ()
