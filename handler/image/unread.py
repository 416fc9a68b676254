"""What people upload that is no picture to be read: it is refused by its name.

Pillow has plugins for some of these. They are left out because each is a parser that strangers'
bytes reach, for files that no camera writes and every editor exports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXPORT: Final = "export it as JPEG or PNG"
_UNPACK: Final = "unpack it, and upload the pictures in it"
_SAVE: Final = "save the pictures in it, and upload those"
_NO_PICTURE: Final = "it has no picture to be shown"

# By what to do: how each kind begins, and its name.
_UNREAD: Final = {
    _EXPORT: (
        (b"<svg", "an SVG"),
        (b"<?xml", "an SVG, or another XML file"),
        (b"8BPS", "a Photoshop document"),
        (b"%PDF", "a PDF"),
        (b"%!PS", "a PostScript file"),
        (b"\xc5\xd0\xd3\xc6", "an EPS with a preview"),
        (b"gimp xcf", "a GIMP document"),
        (b"FUJIFILMCCD-RAW", "a camera raw file (RAF)"),
        (b"IIRO", "a camera raw file (ORF)"),
        (b"IIRS", "a camera raw file (ORF)"),
        (b"IIU\0", "a camera raw file (RW2)"),
        (b"FOVb", "a camera raw file (X3F)"),
        (b"II\xbc\x01", "a JPEG XR"),
        (b"icns", "an icon of macOS (ICNS)"),
        (b"qoif", "a QOI"),
        (b"DDS ", "a texture (DDS)"),
        (b"\x76\x2f\x31\x01", "an OpenEXR"),
        (b"#?RADIANCE", "a Radiance picture (HDR)"),
        (b"#?RGBE", "a Radiance picture (HDR)"),
        (b"\xd7\xcd\xc6\x9a", "a Windows metafile (WMF)"),
        (b"\1\0\x09\0\0\3", "a Windows metafile (WMF)"),
        (b"AT&TFORM", "a DjVu"),
        (b"\x8aMNG", "an MNG"),
        (b"BPG\xfb", "a BPG"),
        (b"FLIF", "a FLIF"),
        (b"SIMPLE  =", "a FITS"),
        (b"\x0a\x05\x01\x08", "a PCX"),
        (b"\x1aE\xdf\xa3", "a video"),
    ),
    _UNPACK: (
        (b"PK\3\4", "a ZIP archive, or a document packed as one"),
        (b"PK\5\6", "a ZIP archive"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"\x1f\x8b", "a file packed by gzip"),
    ),
    _SAVE: ((b"<!doctype html", "a web page (HTML)"), (b"<html", "a web page (HTML)")),
    _NO_PICTURE: ((b"ID3", "a sound file"), (b"OggS", "a sound file"), (b"fLaC", "a sound file")),
}  # fmt: skip
# By what stands at a place in the file, where none of the above does.
_INSIDE: Final = (
    (4, b"ftypcrx ", "a camera raw file (CR3)", _EXPORT),
    (4, b"ftypavci", "a HEIF in another coding", _EXPORT),
    (4, b"ftypM4A", "a sound file", _NO_PICTURE),
    (4, b"ftyp", "a video", _EXPORT),
    (4, b"moov", "a video", _EXPORT),
    (4, b"mdat", "a video", _EXPORT),
    (4, b"wide", "a video", _EXPORT),
    (8, b"AVI ", "a video", _EXPORT),
    (8, b"WAVE", "a sound file", _NO_PICTURE),
    (40, b" EMF", "a Windows metafile (EMF)", _EXPORT),
    (128, b"DICM", "a DICOM", _EXPORT),
)
# Netpbm's: these two bytes, and then white space or a comment.
_NETPBM: Final = {
    b"P1": "a PBM",
    b"P2": "a PGM",
    b"P3": "a PPM",
    b"P4": "a PBM",
    b"P5": "a PGM",
    b"P6": "a PPM",
    b"P7": "a PAM",
    b"PF": "a PFM",
    b"Pf": "a PFM",
}
_TEXT: Final = (b"<", b"%")
# Where a Targa of colours may begin so, too.
_CURSOR: Final = b"\0\0\2\0"
_TARGA_KINDS: Final = frozenset({1, 2, 3, 9, 10, 11})
_TARGA_BITS: Final = frozenset({8, 15, 16, 24, 32})
_TARGA_BYTES: Final = 18


def unread(head: bytes) -> str:
    """Return what a file is that begins with ``head``, and what to do; or nothing.

    It is of a kind that is never read.
    """
    return next(_marked(head), "") or _unmarked(head)


def _marked(head: bytes) -> Iterator[str]:
    """Yield what ``head`` begins with; text may have space before it, and capitals."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for advice, kinds in _UNREAD.items():
        for mark, name in kinds:
            if head.startswith(mark) or (mark[:1] in _TEXT and text.startswith(mark.lower())):
                yield f"{name}: {advice}"
    for at, mark, name, advice in _INSIDE:
        if head.startswith(mark, at):
            yield f"{name}: {advice}"


def _unmarked(head: bytes) -> str:
    parted = head[2:3].isspace() or head[2:3] == b"#"
    name = parted and _NETPBM.get(head[:2])
    if _is_targa(head):
        name = "a Targa (TGA)"
    elif head.startswith(_CURSOR):
        name = "a cursor (CUR)"
    return f"{name}: {_EXPORT}" if name else ""


def _is_targa(head: bytes) -> bool:
    """Say whether ``head`` may be a Targa's, which has no mark: its fields agree with each other.

    Truevision's TGA File Format Specification 2.0, fields 1 to 5.
    """
    if len(head) < _TARGA_BYTES or head[1] > 1 or head[2] not in _TARGA_KINDS:
        return False
    mapped = head[2] in (1, 9)
    size = head[12:14] != b"\0\0" and head[14:16] != b"\0\0"
    palette = bool(head[1]) == mapped and (mapped or head[3:8] == bytes(5))
    return size and palette and head[16] in _TARGA_BITS and not head[17] & 0xC0
