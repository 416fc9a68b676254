"""IPTC-IIM, newsrooms' block in JPEG and TIFF, read as the XMP properties that replaced it.

Only JPEG and TIFF can hold such a block, and Pillow writes it into neither; XMP goes into every
format, and every reader of the one reads the other. So the block is not written again: what it says
is said in XMP. The pairs are those of the IPTC Photo Metadata Standard.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from PIL.IptcImagePlugin import getiptcinfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL.ImageFile import ImageFile

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
# What Pillow raises on EXIF and IPTC that are not what they claim to be; it documents none of it.
DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    struct.error,
)

_APPLICATION_RECORD: Final = 2
_MARK: Final = b"\x1c"
_HEAD: Final = 5
# Photoshop's resource 1028 is such a block; an empty name and a length follow.
_PHOTOSHOP: Final = b"8BIM\4\4"
_RESOURCE_HEAD: Final = 6


def properties(source: ImageFile) -> dict[str, list[str]]:
    """Return the texts of a picture's IPTC block, by the XMP property each belongs to.

    Empty when it has none that can be read.
    """
    texts = {}
    for (record, number), values in _datasets(source).items():
        if record == _APPLICATION_RECORD and number in PROPERTIES:
            several = values if isinstance(values, list) else [values]
            texts[PROPERTIES[number]] = [_decoded(value) for value in several if value]
    return texts


def _datasets(source: ImageFile) -> Mapping[tuple[int, int], bytes | list[bytes]]:
    if block := _block(source):
        return _parsed(block)
    if source.format != "TIFF" and "photoshop" not in source.info:
        return {}
    try:
        return getiptcinfo(source) or {}
    except DAMAGE:
        return {}


def _block(source: ImageFile) -> bytes:
    """Return the block where JPEG and TIFF do not have it: in a text of PNG, a box of JPEG 2000.

    Photoshop's head may stand before it.
    """
    texts = (raw_profile(source, kind) for kind in ("iptc", "8bim"))
    block: bytes = source.info.get("uuid_iptc") or next(filter(None, texts), b"")
    resource = block.find(_PHOTOSHOP)
    return block[resource + len(_PHOTOSHOP) + _RESOURCE_HEAD :] if resource >= 0 else block


def raw_profile(source: ImageFile, kind: str) -> bytes:
    """Return what ImageMagick writes into PNG: hexadecimal numbers behind a name and a length."""
    text = source.info.get(f"Raw profile type {kind}")
    if not isinstance(text, str):
        return b""
    try:
        return bytes.fromhex("".join(text.split()[2:]))
    except ValueError:
        return b""


def _parsed(block: bytes) -> dict[tuple[int, int], list[bytes]]:
    """Return the datasets of a block, IIM 4.2: a mark, record, number, length and value each."""
    found: dict[tuple[int, int], list[bytes]] = {}
    at = block.find(_MARK)
    while 0 <= at <= len(block) - _HEAD and block[at : at + 1] == _MARK:
        end = at + _HEAD + int.from_bytes(block[at + 3 : at + 5], "big")
        found.setdefault((block[at + 1], block[at + 2]), []).append(block[at + _HEAD : end])
        at = end
    return found


def _decoded(value: bytes) -> str:
    """Return the bytes as text: UTF-8 if they are valid, or else Windows' Western encoding.

    A block should declare its encoding, but few of those in UTF-8 do; text in another is hardly
    ever valid UTF-8.
    """
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")
