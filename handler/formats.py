"""Which picture format a file is in, told by its first bytes. Standard library only: both sides look before anything is decoded."""

from __future__ import annotations

from typing import Final

# The bytes from the start of a file that ``sniff`` may need: an ISO media file lists its brands there.
HEAD: Final = 256
CONTENT_TYPES: Final = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "heif": "image/heif",
    "tiff": "image/tiff",
    "bmp": "image/bmp",
    "jpeg2000": "image/jp2",
    "ico": "image/vnd.microsoft.icon",
}
_MAGIC: Final = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jpeg2000"),
    (b"\0\0\1\0", "ico"),
    (b"BM", "bmp"),
)
_AVIF: Final = {b"avif", b"avis"}
_HEIF: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(head: bytes) -> str | None:
    """Return the format, one of ``recipe.SOURCE_FORMATS``, that the first ``HEAD`` bytes of a file announce."""
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def _brand(head: bytes) -> str | None:
    """ISO 14496-12: the major brand is followed by a version and the compatible brands; mif1 alone says neither codec."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end, 4))}
    if brands & _AVIF:
        return "avif"
    return "heif" if brands & _HEIF else None
