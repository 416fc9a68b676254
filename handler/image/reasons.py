"""Why a picture is refused, in a photographer's words: the table of what libraries raise.

What a library says is for its makers: numbers, names of functions, a line of C. Nothing of it is
passed on; it is the cause of the exception, for whoever debugs.
"""

from __future__ import annotations

import re
from typing import Final

from handler.image.picture import Damaged

# By what a library says: first what is whole, but of a kind that it does not read.
_WORDS: Final = (
    ("Unsupported BMP", "a BMP of a kind that is not read"),
    ("J2K image mode", "a JPEG 2000 of a kind that is not read"),
    ("cannot handle", "a JPEG of a kind that is not read"),
    ("[Uu]nsupported", "a picture of a kind that is not read"),
    (
        "[Tt]runcat|early|[Ee]nd of|not enough|EOF|[Ii]ncomplete|only got|No more|no more",
        "damaged: the file ends early",
    ),
    ("[Cc]hecksum|CRC|crc", "damaged: a checksum is wrong"),
    ("zlib|[Dd]ecompress|[Ii]nflat", "damaged: its packed data cannot be unpacked"),
)
_OTHERWISE: Final = "damaged: its data cannot be read"


def refusal(error: Exception) -> Damaged:
    """Return what a picture is refused with that made a library raise ``error``, if not mended."""
    said = str(error)
    found = (words for pattern, words in _WORDS if re.search(pattern, said))
    return Damaged(next(found, _OTHERWISE))
