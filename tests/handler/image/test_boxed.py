"""JPEG 2000 and AVIF: channels in any order, makers in boxes, and lists that libavif refuses."""

from __future__ import annotations

import itertools
import struct

import pytest
from PIL import Image

from handler.image import boxes
from tests.support.pictures import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    corners,
    far,
    quarters,
    rendered,
    saved,
    seen,
)

COLOURS = [RED, GREEN, BLUE, YELLOW]
ARTIST = 315
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
IPTC = bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38")
EXIF = b"JpgTiffExif->JP2"


def box(kind: bytes, body: bytes) -> bytes:
    """A box of a body."""
    return struct.pack(">I", 8 + len(body)) + kind + body


def jp2(image: Image.Image, order: tuple[int, ...], space: int, *more: bytes) -> bytes:
    """A file whose channel number n holds colour ``order[n]``, of the enumerated colour space."""
    held = Image.merge("RGB", [image.split()[colour] for colour in order])
    made = b""
    for kind, body in boxes.boxes(saved(held, "JPEG2000", mct=0, irreversible=False)):
        if kind == b"jp2h":
            ihdr = box(b"ihdr", boxes.inside(body, b"ihdr"))
            colr = box(b"colr", b"\1\0\0" + struct.pack(">I", space))
            entries = b"".join(struct.pack(">3H", n, 0, c + 1) for n, c in enumerate(order))
            cdef = box(b"cdef", struct.pack(">H", len(order)) + entries)
            made += box(kind, ihdr + colr + cdef)
        else:
            made += box(kind, body)
    return made + b"".join(more)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("space", [16, 18])
def test_channels_of_jpeg_2000_lie_in_any_order(order: tuple[int, ...], space: int) -> None:
    """RGB and YCbCr, as the box of channel definitions says."""
    stored = quarters()
    if space == 18:
        stored = Image.frombytes("RGB", stored.size, stored.convert("YCbCr").tobytes())
    made = rendered(jp2(stored, order, space), format="png")
    assert far(corners(seen(made)), COLOURS) <= 3


def test_who_made_a_jpeg_2000_is_kept() -> None:
    """EXIF, XMP and IPTC lie in boxes of their own."""
    exif = Image.Exif()
    exif[ARTIST] = "Ada"
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:RDF><rdf:Description>'
        b"<dc:rights><rdf:Alt><rdf:li>Hers</rdf:li></rdf:Alt></dc:rights>"
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    credit = b"\x1c\2\x6e" + struct.pack(">H", 7) + b"Charles"
    more = [box(b"uuid", EXIF + exif.tobytes()), box(b"uuid", XMP + packet)]
    made = seen(rendered(jp2(quarters(), (0, 1, 2), 16, *more, box(b"uuid", IPTC + credit))))
    assert made.getexif()[ARTIST] == "Ada"
    assert b"Hers" in made.info["xmp"]
    assert b"Charles" in made.info["xmp"]


@pytest.mark.parametrize("head", [b"", b"8BIM\4\4\0\0" + struct.pack(">I", 12)])
def test_iptc_that_imagemagick_wrote_into_a_png_is_kept(head: bytes) -> None:
    """As hexadecimal text, with Photoshop's head or without."""
    from PIL.PngImagePlugin import PngInfo

    block = head + b"\x1c\2\x74" + struct.pack(">H", 7) + b"(c) Ada"
    info = PngInfo()
    info.add_text("Raw profile type iptc", f"\niptc\n{len(block):8}\n{block.hex()}\n", zip=True)
    made = seen(rendered(saved(quarters(), "PNG", pnginfo=info), format="jpeg"))
    assert b"(c) Ada" in made.info["xmp"]


def split_lists(data: bytes) -> bytes:
    """An AVIF with a list of properties for each of two items, its pixels where they are told."""
    meta = boxes.inside(data, b"meta")
    iprp = boxes.inside(meta[4:], b"iprp")
    ipma = boxes.inside(iprp, b"ipma")
    first = 3 + ipma[10]
    parts = [ipma[8 : 8 + first], ipma[8 + first :]]
    lists = b"".join(box(b"ipma", ipma[:4] + struct.pack(">I", 1) + part) for part in parts)
    grown = iprp.replace(box(b"ipma", ipma), lists)
    more, pixels = len(grown) - len(iprp), data.index(b"mdat")
    iloc = boxes.inside(meta[4:], b"iloc")
    moved = bytearray(iloc)
    for at in range(8, len(iloc) - 3):
        (offset,) = struct.unpack_from(">I", iloc, at)
        if pixels < offset < len(data):
            struct.pack_into(">I", moved, at, offset + more)
    made = meta.replace(box(b"iprp", iprp), box(b"iprp", grown)).replace(iloc, bytes(moved))
    return data.replace(box(b"meta", meta), box(b"meta", made))


def test_an_avif_with_several_lists_of_properties_is_shown() -> None:
    """An old encoder wrote one for the picture and one for its alpha."""
    image = quarters()
    image.putalpha(128)
    data = split_lists(saved(image, "AVIF", speed=10, quality=90))
    assert data.count(b"ipma") == 2
    made = rendered(data)
    assert made.warnings == ("written by an old encoder, and mended",)
    assert far(corners(seen(made)), COLOURS) <= 24
    assert seen(made).convert("RGBA").getchannel("A").getextrema() == pytest.approx(
        (128, 128), abs=2
    )
