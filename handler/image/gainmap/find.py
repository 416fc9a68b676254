"""A gain map found in a JPEG, and made the map of a result."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import Image, JpegImagePlugin

from handler.image import fit, jpeg
from handler.image.gainmap import neutral, told
from handler.image.gainmap.join import ISO, segment
from handler.image.source import damage_rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from handler.image.picture import Clip

_APP1, _APP2 = 0xE1, 0xE2
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
# A file may have more pictures behind its first, but none is searched for a map without end.
_MOST_PICTURES: Final = 8
_QUALITY: Final = 85


class GainMap(NamedTuple):
    """A map as it was found, not yet decoded; what it says of itself in XMP and by ISO 21496-1."""

    image: Image.Image
    parameters: Mapping[str, Sequence[str]]
    iso: bytes


def found(data: bytes) -> GainMap | None:
    """Return the gain map of the JPEG ``data``, ``None`` if it has none.

    Raises ``Damaged`` where its header cannot be read.
    """
    for body in _behind(data):
        packet, iso = _told(body)
        parameters = told.parameters(packet) if packet else {}
        if iso or parameters:
            with damage_rejected():
                return GainMap(JpegImagePlugin.JpegImageFile(BytesIO(body)), parameters, iso)
    return None


def _behind(data: bytes) -> Iterator[bytes]:
    """Yield the JPEGs that follow the first one in ``data``, with or without a word of them."""
    for _ in range(_MOST_PICTURES):
        start = data.find(jpeg.SOI + b"\xff", _end(data))
        if start < 0:
            return
        data = data[start:]
        yield data[: _end(data)]


def _end(data: bytes) -> int:
    """Return where the first JPEG in ``data`` ends: behind the end marker after its last scan."""
    last = len(data)
    for each in jpeg.segments(data):
        if each.marker == jpeg.START_OF_SCAN:
            last = each.at
    end = data.find(jpeg.EOI, last)
    return end + len(jpeg.EOI) if end >= 0 else len(data)


def _told(body: bytes) -> tuple[bytes, bytes]:
    packet = iso = b""
    for each in jpeg.segments(body):
        if each.marker == jpeg.START_OF_SCAN:
            break
        if each.marker == _APP1 and each.body.startswith(_XMP):
            packet = each.body.removeprefix(_XMP)
        elif each.marker == _APP2 and each.body.startswith(ISO):
            iso = each.body.removeprefix(ISO)
    return packet, iso


def written(gain: GainMap, clip: Clip, stored: tuple[int, int], orientation: int) -> bytes:
    """Return ``gain`` as the map of ``clip``'s picture: a JPEG that says of itself what it did.

    ``stored`` is the size of the source as its pixels lie in the file. Raises ``Damaged``.
    """
    image = _scaled(gain, clip, stored, orientation)
    plain = image if image.mode in ("L", "RGB") else image.convert("L")
    plain.info = {}
    packet = told.packet(gain.parameters)
    options = {"xmp": packet} if packet else {}
    iso = segment(ISO + gain.iso) if gain.iso else b""
    file = BytesIO()
    plain.save(file, "JPEG", quality=_QUALITY, extra=iso, **options)
    return file.getvalue()


@damage_rejected()
def _scaled(gain: GainMap, clip: Clip, stored: tuple[int, int], orientation: int) -> Image.Image:
    """Return the map upright, of the same part as the picture, and smaller by as much.

    Where the picture is padded, it is too, with what brightens nothing.
    """
    whole = gain.image
    upright = fit.upright(whole, orientation)
    share = whole.width / stored[0], whole.height / stored[1]
    share = share if fit.turned((1, 0), orientation) == (1, 0) else (share[1], share[0])

    made, (left, top) = clip.image.size, clip.corner
    full = fit.scaled_size(clip.source_size, clip.rendition)
    across, down = upright.width / full[0], upright.height / full[1]
    box = left * across, top * down, (left + made[0]) * across, (top + made[1]) * down
    part = upright.resize(_shared(made, share), Image.Resampling.BOX, box=box)
    frame = fit.frame(made, clip.rendition)
    if frame == made:
        return part
    beside = Image.new("RGB", _shared(frame, share), neutral.levels(gain.parameters, gain.iso))
    canvas = beside if part.mode == "RGB" else beside.getchannel(0)
    canvas.paste(part, fit.corner(canvas.size, part.size, "center"))
    return canvas


def _shared(size: tuple[int, int], share: tuple[float, float]) -> tuple[int, int]:
    return max(1, round(size[0] * share[0])), max(1, round(size[1] * share[1]))
