"""JPEG 2000 as Pillow opens it, less what Pillow gets wrong.

Seen in Pillow 13.0.0: channels that lie in another order than that of their colours (``cdef``, ISO
15444-1, I.5.3.6) are shown in the order in which they lie, and what the boxes around them say of
the maker is not read. Colours of less than 8 bits are shifted to 8, so that white is none; and of
more, the highest are rounded up to 256, which becomes 0.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageChops
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from handler.formats import Cost
from handler.image import boxes, codestream

_RGB, _YCC = 16, 18
# Where EXIF, IPTC and XMP lie (XMP specification part 3, 1.1.4; exiftool's list for the others).
_UUIDS: Final = {
    b"JpgTiffExif->JP2": "uuid_exif",
    bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"): "uuid_iptc",
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): "xmp",
}
_UUID_BYTES: Final = 16
_COLOUR_CHANNEL: Final = 0
_EIGHT_BITS: Final = 8
# What is at least half as bright as white, where the half of all levels lies in the middle.
_BRIGHT: Final = 128
# What a pixel of more than 8 bits takes, which may be decoded twice.
_DEEP_COSTS: Final = {"LA": Cost(28, 650), "RGB": Cost(28, 650), "RGBA": Cost(36, 850)}


class Jpeg2000(Jpeg2KImageFile):
    """A picture of 8 bits a channel whatever it has, its channels in the ``order`` of its colours.

    ``ycc`` if those are YCbCr; ``depth`` is how many bits its channels have.
    """

    order: tuple[int, ...] = ()
    ycc = False
    stream = b""
    depth = _EIGHT_BITS

    @property
    def cost(self) -> Cost | None:
        """What one of its pixels takes, if that is more than of other JPEG 2000s."""
        return _DEEP_COSTS.get(self.mode) if self.depth > _EIGHT_BITS else None

    def load(self) -> Any:
        """Decode, once, to levels that reach to white, and put the channels in order."""
        loaded = self._im is not None and not self.tile
        access = super().load()
        if loaded or self.mode not in ("L", *_DEEP_COSTS):
            return access
        picture = self._levelled()
        if len(picture.getbands()) == len(self.order):
            channels = picture.split()
            picture = Image.merge(self.mode, [channels[each] for each in self.order])
            if self.ycc:
                picture = Image.frombytes("YCbCr", picture.size, picture.tobytes()).convert("RGB")
        self.im = picture.im
        return Image.Image.load(self)

    def _levelled(self) -> Image.Image:
        if self.depth < _EIGHT_BITS:
            shift, most = _EIGHT_BITS - self.depth, 2**self.depth - 1
            return Image.Image.point(self, lambda level: (int(level) >> shift) * 255 // most)
        if self.depth == _EIGHT_BITS or not any(0 in band.getextrema() for band in self.split()):
            return self
        black = Image.Image.point(self, lambda level: 255 * (level == 0))
        halved = Jpeg2KImageFile(BytesIO(codestream.halved(self.stream)))
        bright = halved.point(lambda level: 255 * (level > _BRIGHT))
        return ImageChops.lighter(self.copy(), ImageChops.darker(black, bright))


def opened(stream: BytesIO) -> Jpeg2000:
    """Open a JPEG 2000 without decoding it; raises what Pillow's own opener raises."""
    data = stream.getvalue()
    order = _order(boxes.inside(data, b"jp2h", b"cdef"))
    image = _reordered(data, order) if order else Jpeg2000(stream)
    image.stream = codestream.within(data)
    image.depth = codestream.depth(image.stream)
    for kind, body in boxes.boxes(data):
        if kind == b"uuid" and (name := _UUIDS.get(body[:_UUID_BYTES])):
            image.info[name] = body[_UUID_BYTES:]
    return image


def _reordered(data: bytes, order: tuple[int, ...]) -> Jpeg2000:
    """Open a picture of three colours as RGB, so that its numbers stay what they are."""
    colours = boxes.inside(data, b"jp2h", b"colr")
    told = colours[:3] + _YCC.to_bytes(4, "big")
    ycc = colours == told
    plain = data.replace(b"colr" + told, b"colr" + told[:3] + _RGB.to_bytes(4, "big"), 1)
    image = Jpeg2000(BytesIO(plain))
    image.order, image.ycc = order, ycc
    return image


def _order(body: bytes) -> tuple[int, ...]:
    """Return which channel holds each of three colours; nothing where they lie in order."""
    try:
        (count,) = struct.unpack_from(">H", body)
        entries = [struct.unpack_from(">3H", body, 2 + 6 * at) for at in range(min(count, 8))]
    except struct.error:
        return ()
    held = {colour: channel for channel, kind, colour in entries if kind == _COLOUR_CHANNEL}
    order = tuple(held.get(colour, -1) for colour in (1, 2, 3))
    return order if sorted(order) == [0, 1, 2] != list(order) and count == len(order) else ()
