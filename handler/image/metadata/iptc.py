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


def _datasets(source: ImageFile) -> dict[tuple[int, int], bytes | list[bytes]]:
    if source.format != "TIFF" and "photoshop" not in source.info:
        return {}
    try:
        return getiptcinfo(source) or {}
    except DAMAGE:
        return {}


def _decoded(value: bytes) -> str:
    """Return the bytes as text: UTF-8 if they are valid, or else Windows' Western encoding.

    A block should declare its encoding, but few of those in UTF-8 do; text in another is hardly
    ever valid UTF-8.
    """
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")
