"""What a rendition says about its maker: EXIF, IPTC and XMP of the source in, the arguments that write them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PIL import ExifTags, Image

from handler.image.metadata import iptc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PIL.ImageFile import ImageFile

LARGEST: Final = 65_000
"""Bytes of EXIF, and of XMP: JPEG holds either in one segment of at most 65 533, and Pillow raises past it."""

_COPYRIGHT: Final = frozenset(
    {ExifTags.Base.Artist, ExifTags.Base.Copyright, ExifTags.Base.XPAuthor}
)
_DIRECTORIES: Final = frozenset({ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo})
_ALL: Final = _COPYRIGHT | _DIRECTORIES | {
    ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Software, ExifTags.Base.DateTime,
    ExifTags.Base.HostComputer, ExifTags.Base.Rating, ExifTags.Base.RatingPercent, ExifTags.Base.XPTitle, ExifTags.Base.XPComment,
    ExifTags.Base.XPKeywords, ExifTags.Base.XPSubject,
}  # fmt: skip
"""Of the main directory what describes; the rest says how the source's pixels, now others, were stored and turned."""
_STALE: Final = {
    ExifTags.Base.ExifImageWidth,
    ExifTags.Base.ExifImageHeight,
    ExifTags.Base.ExifInteroperabilityOffset,
}
_ATTEMPTS: Final = {"none": (), "copyright": ("copyright",), "all": ("all", "copyright")}
"""By policy, what is tried in turn until it can be written and is not too large."""

_EXIF: Final = {"copyright": _COPYRIGHT, "all": _ALL}


def keep(source: ImageFile, policy: str) -> Mapping[str, bytes]:
    """Return what a rendition of ``source`` shall say about it, as arguments for Pillow's ``save``: ``exif`` and ``xmp``.

    ``policy`` is one of ``METADATA``: ``none``, ``copyright`` (artist, copyright, credit and licence; IPTC's are moved to
    XMP), or ``all`` (the orientation, thumbnails, and what describes stored pixels are dropped all the same). What there is none
    of is absent. Never raises: damaged metadata is no reason to refuse a picture. Call it when the pixels are loaded, for
    PNG may hold its metadata behind them, and save a picture whose ``info`` is empty, for Pillow writes some of that unasked.
    PNG takes no ``xmp`` argument; it takes ``xmp.pnginfo`` of it as ``pnginfo``.
    """
    tags = _tags(source)
    kept = {
        "exif": _fitting(_exif(tags, each) for each in _ATTEMPTS[policy]),
        "xmp": _fitting(_xmp(source, each) for each in _ATTEMPTS[policy]),
    }
    return {name: value for name, value in kept.items() if value}


def _fitting(candidates: Iterable[bytes]) -> bytes:
    return next((each for each in candidates if 0 < len(each) <= LARGEST), b"")


def _tags(source: ImageFile) -> Image.Exif:
    try:
        return source.getexif()
    except iptc.DAMAGE:
        return Image.Exif()


def _exif(tags: Image.Exif, policy: str) -> bytes:
    kept = Image.Exif()
    try:
        for tag in sorted(_EXIF[policy] & set(tags)):
            kept[tag] = _raw(tags.get_ifd(tag) if tag in _DIRECTORIES else tags[tag])
        return kept.tobytes() if len(kept) else b""
    except iptc.DAMAGE:
        return b""


def _raw(value: object) -> object:
    """Pillow reads text as Latin-1 but writes ASCII only: given the bytes, it writes them as they were."""
    if isinstance(value, dict):
        return {tag: _raw(each) for tag, each in value.items() if tag not in _STALE}
    return (
        value.encode("latin-1", "replace")
        if isinstance(value, str) and not value.isascii()
        else value
    )


def _xmp(source: ImageFile, policy: str) -> bytes:
    packet = source.info.get("xmp")
    texts = _png_texts(source.info) | iptc.properties(source)
    if not packet and not texts:
        return b""
    from handler.image.metadata import xmp

    return xmp.packet(packet if isinstance(packet, bytes) else b"", texts, policy)


def _png_texts(info: Mapping[Any, Any]) -> dict[str, list[str]]:
    """The two of PNG's own keywords that name the maker."""
    named = {"dc:creator": info.get("Author"), "dc:rights": info.get("Copyright")}
    return {name: [text] for name, text in named.items() if isinstance(text, str)}
