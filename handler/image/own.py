"""A source's own bytes as a result: everything but the pixels left out, what is kept put in.

For a picture that already is what was asked for, and would only get larger, or worse, by being
written anew. Of each format the parts that make the picture are listed here, and nothing else is
taken over.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from PIL import ImageFile

from handler.image import chunks, frames, jpeg
from handler.image.colour import profile
from handler.image.orientation import exif_orientation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from handler.image.colour.told import Meaning
    from handler.image.picture import Clip
    from handler.image.source import Source

    Kept = Mapping[str, bytes]

_EXIF: Final = b"Exif\0\0"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"

# JFIF's density and Adobe's word on the colour transform; comments and all other APPn go.
_APP0, _APP14, _APP15, _COMMENT = 0xE0, 0xEE, 0xEF, 0xFE
_APP1: Final = b"\xff\xe1"

# Where a header, which comes first, tells of its pixels.
_PNG_BITS, _PNG_KIND = 24, 25
_PNG_PALETTE: Final = 3
_EIGHT_BITS: Final = 8
_PNG_PIXELS: Final = frozenset({
    b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND",
})  # fmt: skip
_PNG_END: Final = b"\0\0\0\0IEND\xaeB`\x82"
_PNG_XMP: Final = b"XML:com.adobe.xmp\0\0\0\0\0"

_WEBP_HEAD: Final = 12
_WEBP_PIXELS: Final = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_WEBP_FLAGS: Final = {"exif": (b"EXIF", 0x08), "xmp": (b"XMP ", 0x04)}
# So says VP8X; and a lossless picture itself, behind its signature and its sides of 14 bits each.
_WEBP_ALPHA: Final = 0x10


def picture(source: Source, meaning: Meaning, clip: Clip) -> bytes:
    """Return the picture that ``source`` is, with what ``clip`` keeps of its metadata.

    No bytes where it is not what ``clip``, which has its size, is to be: in other colours, turned,
    padded, moving, in another format; or where the format, or this file of it, is not
    taken apart here.
    """
    strip = _STRIPPERS.get(source.format.name)
    if strip is None or not (_same(source, clip) and _shown_as_stored(source, meaning)):
        return b""
    return strip(source.data, source.image.size, clip.metadata)


def _same(source: Source, clip: Clip) -> bool:
    rendition = clip.rendition
    padded = rendition.fit == "pad" and clip.source_size != (rendition.width, rendition.height)
    return (
        rendition.format in ("keep", source.format.name)
        and not padded
        and frames.frame_count(source) == 1
        and not frames.has_default(source)
        and not ImageFile.LOAD_TRUNCATED_IMAGES
    )


def _shown_as_stored(source: Source, meaning: Meaning) -> bool:
    image = source.image
    if exif_orientation(image) != 1 or (image.format == "JPEG" and image.mode not in ("L", "RGB")):
        return False
    return meaning is None or (isinstance(meaning, bytes) and profile.is_srgb(meaning))


def _jpeg(data: bytes, _: tuple[int, int], kept: Kept) -> bytes:
    segments = list(jpeg.segments(data))
    scans = [each for each in segments if each.marker == jpeg.START_OF_SCAN]
    end = data.find(jpeg.EOI, scans[-1].at) if scans else -1
    if end < 0:
        return b""
    head = [each for each in segments if each.at < scans[0].at and _makes_pixels(each.marker)]
    own = b"".join(data[each.at : each.at + 4 + len(each.body)] for each in head)
    return jpeg.SOI + _jpeg_metadata(kept) + own + data[scans[0].at : end] + jpeg.EOI


def _makes_pixels(marker: int) -> bool:
    named = _APP0 <= marker <= _APP15 or marker == _COMMENT
    return not named or marker in (_APP0, _APP14)


def _jpeg_metadata(kept: Kept) -> bytes:
    bodies = [kept["exif"]] if "exif" in kept else []
    bodies += [_XMP + kept["xmp"]] if "xmp" in kept else []
    return b"".join(_APP1 + struct.pack(">H", len(body) + 2) + body for body in bodies)


def _png(data: bytes, _: tuple[int, int], kept: Kept) -> bytes:
    """Of levels in fewer or more bits than eight, not all readers get right which one is clear."""
    if data[_PNG_BITS] != _EIGHT_BITS and data[_PNG_KIND] != _PNG_PALETTE:
        return b""
    own = [data[at:end] for name, at, end in chunks.chunks(data) if name in _PNG_PIXELS]
    if own[-1] != _PNG_END:
        own.append(_PNG_END)
    told = [chunks.chunk(b"eXIf", kept["exif"].removeprefix(_EXIF))] if "exif" in kept else []
    told += [chunks.chunk(b"iTXt", _PNG_XMP + kept["xmp"])] if "xmp" in kept else []
    return data[: chunks.HEAD_BYTES] + own[0] + b"".join(told) + b"".join(own[1:])


def _webp(data: bytes, size: tuple[int, int], kept: Kept) -> bytes:
    found = dict(_webp_chunks(data))
    flags = found.get(b"VP8X", b"\0")[0] & _WEBP_ALPHA
    flags |= found.get(b"VP8L", bytes(5))[4] & _WEBP_ALPHA
    told = [(*_WEBP_FLAGS[name], kept[name].removeprefix(_EXIF)) for name in kept]
    flags |= sum(flag for _, flag, _ in told)
    extended = bytes([flags, 0, 0, 0]) + b"".join((each - 1).to_bytes(3, "little") for each in size)
    parts = [_webp_chunk(b"VP8X", extended)] if flags else []
    parts += [_webp_chunk(*each) for each in _webp_chunks(data) if each[0] in _WEBP_PIXELS]
    parts += [_webp_chunk(name, body) for name, _, body in told]
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = _WEBP_HEAD
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


_STRIPPERS: Final[Mapping[str, Callable[[bytes, tuple[int, int], Kept], bytes]]] = {
    "jpeg": _jpeg,
    "png": _png,
    "webp": _webp,
}
