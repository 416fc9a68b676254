"""EXIF, ICC, XMP and IPTC as a sound file has them, and as one that means harm."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGA: Final = 1 << 20
_ENTRY: Final = struct.Struct("<HHII")
_EXIF_IFD, _GPS_IFD, _SUB_IFDS = 0x8769, 0x8825, 0x014A
_ORIENTATION, _ARTIST, _MAKER_NOTE = 0x0112, 0x013B, 0x927C
_SHORT, _LONG, _ASCII, _UNDEFINED = 3, 4, 2, 7


def directory(*entries: tuple[int, int, int, int], after: int = 0) -> bytes:
    """Return a TIFF directory: tag, type, count and value of each entry, then the next one's."""
    body = b"".join(_ENTRY.pack(*entry) for entry in entries)
    return struct.pack("<H", len(entries)) + body + struct.pack("<I", after)


def tiff(*entries: tuple[int, int, int, int], after: int = 0, beside: bytes = b"") -> bytes:
    """Return a TIFF whose first directory stands at 8, and ``beside`` it other bytes."""
    return b"II*\0\x08\0\0\0" + directory(*entries, after=after) + beside


def exif() -> bytes:
    """EXIF as a camera writes it: turned on its side, with an author."""
    author = b"A. Nobody\0"
    entries = [(_ORIENTATION, _SHORT, 1, 6), (_ARTIST, _ASCII, len(author), 38)]
    return b"Exif\0\0" + tiff(*entries, beside=author)


def xmp() -> bytes:
    """A packet with a creator."""
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
        b' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>A. Nobody'
        b"</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def iptc(text: bytes = b"A. Nobody") -> bytes:
    """Photoshop's resources with an IPTC by-line."""
    record = b"\x1c\x02\x50" + struct.pack(">H", len(text)) + text
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record


def bad_exif() -> Iterator[bytes]:
    """Yield directories that lead to themselves, to each other, to nowhere, or are endless."""
    yield tiff((_EXIF_IFD, _LONG, 1, 8))
    yield tiff((_GPS_IFD, _LONG, 1, 8), (_SUB_IFDS, _LONG, 1, 8), after=8)
    yield tiff((_EXIF_IFD, _LONG, 1, 26), beside=directory((_EXIF_IFD, _LONG, 1, 8), after=8))
    yield tiff((_EXIF_IFD, _LONG, 1, 2**32 - 1), after=2**32 - 1)
    yield tiff((_ORIENTATION, _SHORT, 2**31, 6), (_ARTIST, _ASCII, 2**32 - 1, 0))
    yield tiff((_SUB_IFDS, _LONG, 2**30, 26), beside=bytes(64))
    yield tiff((_MAKER_NOTE, _UNDEFINED, 5_000_000, 26), beside=bytes(5_000_000))
    yield tiff(*[(_ARTIST, _ASCII, 65_535, 8)] * 5_000, beside=bytes(65_535))
    yield tiff(*[(tag, _UNDEFINED, 0, 0) for tag in range(65_535)])
    yield tiff((_ORIENTATION, 99, 1, 6), (_ORIENTATION, _ASCII, 3, 6), (0, 0, 0, 0))


def bad_xmp() -> Iterator[bytes]:
    """Yield packets that are deep, long, full of entities, or no XML."""
    yield b"<a>" * 200_000
    yield b"<a>" * 50_000 + b"</a>" * 50_000
    yield b"<a " + b" ".join(b"b%d=''" % number for number in range(100_000)) + b"/>"
    entities = [b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)]
    yield b"<!DOCTYPE x [<!ENTITY a0 'ha'>" + b"".join(entities) + b"]><x>&a11;</x>"
    yield b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>"
    yield xmp().replace(b"A. Nobody", b"A" * 5 * MEGA)
    yield xmp().replace(b"<rdf:li>", b"<rdf:li>" * 60_000)
    yield b"\xff\xfe" + xmp()
    yield b"\0" * 3 * MEGA


def bad_profiles() -> Iterator[bytes]:
    """Yield ICC profiles whose numbers are not true."""
    head = struct.pack(">I", 132) + bytes(12) + b"RGB XYZ " + bytes(12) + b"acsp" + bytes(88)
    yield head + struct.pack(">I", 2**32 - 1)
    yield head + struct.pack(">I", 60_000) + b"rXYZ\0\0\0\0\xff\xff\xff\xff" * 60_000
    curve = b"curv" + bytes(4) + struct.pack(">I", 2**31) + bytes(64)
    tags = [name + struct.pack(">II", 168, 2**32 - 1) for name in (b"rTRC", b"gTRC", b"bTRC")]
    yield head + struct.pack(">I", 3) + b"".join(tags) + curve
    yield head.replace(b"RGB ", b"CMYK") + struct.pack(">I", 0)
    yield head + bytes(8 * MEGA)


def bad_iptc() -> Iterator[bytes]:
    """Yield resources that are long, many, or say more than there is."""
    yield iptc()[:-4]
    yield iptc().replace(b"\0\x09", b"\xff\xff")
    yield b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\0" * 5_000
    yield b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff\x1c\x02\x50\xff\xff"
    yield (
        b"Photoshop 3.0\x008BIM\x04\x04\0\0"
        + struct.pack(">I", 60_000)
        + b"\x1c\x02\x50\0\0" * 12_000
    )


@cache
def deflated(count: int, byte: bytes = b"\0") -> bytes:
    """Return ``count`` equal bytes as zlib packs them, without ever holding them all."""
    packer = zlib.compressobj(9)
    block = byte * min(count, MEGA)
    packed = [packer.compress(block) for _ in range(count // len(block))]
    return b"".join([*packed, packer.flush()])
