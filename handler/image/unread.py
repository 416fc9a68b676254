"""What people upload that is no picture to be read: it is refused by its name."""

from __future__ import annotations

from typing import Final

# By how it begins.
_UNREAD: Final = (
    (b"<svg", "an SVG"),
    (b"<?xml", "an SVG, or another XML file"),
    (b"8BPS", "a Photoshop document"),
    (b"%PDF", "a PDF"),
    (b"%!PS", "a PostScript file"),
    (b"gimp xcf", "a GIMP document"),
    (b"FUJIFILMCCD-RAW", "a camera raw file (RAF)"),
    (b"IIRO", "a camera raw file (ORF)"),
    (b"IIRS", "a camera raw file (ORF)"),
    (b"IIU\0", "a camera raw file (RW2)"),
    (b"FOVb", "a camera raw file (X3F)"),
)
_UNREAD_BRANDS: Final = {
    b"crx ": "a camera raw file (CR3)",
    b"qt  ": "a video",
    b"isom": "a video",
    b"mp42": "a video",
}


def unread(head: bytes) -> str:
    """Return what a file is that begins with ``head``, of a kind that is never read; or nothing."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    begins = (name for mark, name in _UNREAD if head.startswith(mark) or text.startswith(mark))
    brand = _UNREAD_BRANDS.get(head[8:12], "") if head[4:8] == b"ftyp" else ""
    return next(begins, brand)
