"""IPTC-IIM, the block that newsrooms write into JPEG and TIFF, as the XMP properties that replaced it.

Only JPEG and TIFF can hold such a block, and Pillow writes it into neither; XMP goes into every format, and every reader
of the one reads the other. So the block is not written again: what it says is said in XMP. The pairs are those of the
IPTC Photo Metadata Standard.
"""

from __future__ import annotations

from struct import pack, unpack_from
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROPERTIES: Final = {
    5: "dc:title",
    25: "dc:subject",
    40: "photoshop:Instructions",
    80: "dc:creator",
    85: "photoshop:AuthorsPosition",
    90: "photoshop:City",
    95: "photoshop:State",
    101: "photoshop:Country",
    103: "photoshop:TransmissionReference",
    105: "photoshop:Headline",
    110: "photoshop:Credit",
    115: "photoshop:Source",
    116: "dc:rights",
    120: "dc:description",
    122: "photoshop:CaptionWriter",
}
_TIFF_TAG: Final = 33723
_PHOTOSHOP_RESOURCE: Final = 0x0404
_APPLICATION_RECORD: Final = 2


def properties(info: Mapping[Any, Any], tags: Mapping[int, Any], endian: str) -> dict[str, list[str]]:
    """Return the texts of a picture's IPTC block, by the XMP property each belongs to; empty when it has none.

    ``info`` is the opened picture's; ``tags`` is its EXIF, for TIFF keeps the block in a tag, and ``endian`` (``<`` or
    ``>``) the order of its bytes.
    """
    found: dict[str, list[str]] = {}
    for record, number, value in _datasets(_block(info, tags, endian)):
        if record == _APPLICATION_RECORD and number in PROPERTIES:
            found.setdefault(PROPERTIES[number], []).append(_decoded(value))
    return found


def _decoded(value: bytes) -> str:
    """A block should declare its encoding, but few of those in UTF-8 do; text in another is hardly ever valid UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _block(info: Mapping[Any, Any], tags: Mapping[int, Any], endian: str) -> bytes:
    block = info.get("photoshop", {}).get(_PHOTOSHOP_RESOURCE) or tags.get(_TIFF_TAG)
    if isinstance(block, tuple):  # Adobe declares these bytes as 32-bit numbers.
        block = pack(f"{endian}{len(block)}L", *block)
    return block if isinstance(block, bytes) else b""


def _datasets(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Record, number and value of each; a length over 32767 announces a longer one, which no text needs, and ends it."""
    at = 0
    while block[at : at + 1] == b"\x1c" and at + 5 <= len(block):
        record, number, size = unpack_from(">BBH", block, at + 1)
        yield record, number, block[at + 5 : at + 5 + size]
        at += 5 + size
