"""What a rendition says about its maker: a source's EXIF, IPTC and XMP, to be written again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PIL import ExifTags, Image

from handler.image.metadata import iptc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PIL.ImageFile import ImageFile

# Bytes of EXIF, and of XMP: JPEG holds either in one segment of at most 65 533, and Pillow raises
# past it.
LARGEST_BYTES: Final = 65_000

_COPYRIGHT: Final = frozenset(
    {ExifTags.Base.Artist, ExifTags.Base.Copyright, ExifTags.Base.XPAuthor}
)
_DIRECTORIES: Final = frozenset({ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo})
# Of the main directory what describes; the rest says how the source's pixels, now others, were
# stored and turned.
_ALL: Final = _COPYRIGHT | _DIRECTORIES | {
    ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Model,
    ExifTags.Base.Software, ExifTags.Base.DateTime, ExifTags.Base.HostComputer,
    ExifTags.Base.Rating, ExifTags.Base.RatingPercent, ExifTags.Base.XPTitle,
    ExifTags.Base.XPComment, ExifTags.Base.XPKeywords, ExifTags.Base.XPSubject,
}  # fmt: skip
_STALE: Final = {
    ExifTags.Base.ExifImageWidth,
    ExifTags.Base.ExifImageHeight,
    ExifTags.Base.ExifInteroperabilityOffset,
    ExifTags.Base.ColorSpace,
    ExifTags.Base.Gamma,
    ExifTags.Base.ComponentsConfiguration,
    ExifTags.Base.CompressedBitsPerPixel,
}
# By policy, what is tried in turn until it can be written and is not too large.
_ATTEMPTS: Final = {"none": (), "copyright": ("copyright",), "all": ("all", "copyright")}

_EXIF: Final = {"copyright": _COPYRIGHT, "all": _ALL}


def keep(source: ImageFile, policy: str, factor: float | None = None) -> Mapping[str, bytes]:
    """Return what a rendition says of ``source``: ``exif`` and ``xmp`` for Pillow's ``save``.

    ``policy`` is one of ``METADATA``: ``none``, ``copyright`` (artist, copyright, credit, licence
    and whether a machine made it; IPTC's are moved to XMP), or ``all`` (the orientation,
    thumbnails, and what is true of the original's pixels or bytes alone are dropped all the same).
    ``factor`` is what the whole picture was resized by, ``None`` where a part of it was cut off.

    What there is none of is absent. Never raises: damaged metadata is no reason to refuse a
    picture. Call it when the pixels are loaded, for PNG may hold its metadata behind them, and save
    a picture whose ``info`` is empty, for Pillow writes some of that unasked. PNG takes no ``xmp``
    argument; it takes ``xmp.pnginfo`` of it as ``pnginfo``.
    """
    tags = _tags(source)
    kept = {
        "exif": _fitting(_exif(tags, attempt) for attempt in _ATTEMPTS[policy]),
        "xmp": _fitting(_xmp(source, attempt, factor) for attempt in _ATTEMPTS[policy]),
    }
    return {name: value for name, value in kept.items() if value}


def _fitting(candidates: Iterable[bytes]) -> bytes:
    return next((block for block in candidates if 0 < len(block) <= LARGEST_BYTES), b"")


def _tags(source: ImageFile) -> Image.Exif:
    try:
        if block := source.info.get("uuid_exif"):
            exif = Image.Exif()
            exif.load(b"Exif\0\0" + block.removeprefix(b"Exif\0\0"))
            return exif
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
    """Return a tag's value so that Pillow writes it as it was: text as bytes.

    Pillow reads text as Latin-1 but writes ASCII only.
    """
    if isinstance(value, dict):
        return {tag: _raw(part) for tag, part in value.items() if tag not in _STALE}
    return (
        value.encode("latin-1", "replace")
        if isinstance(value, str) and not value.isascii()
        else value
    )


def _xmp(source: ImageFile, policy: str, factor: float | None) -> bytes:
    packet = source.info.get("xmp") or iptc.raw_profile(source, "xmp")
    texts = _png_texts(source.info) | iptc.properties(source)
    if not packet and not texts:
        return b""
    from handler.image.metadata import xmp

    return xmp.packet(packet if isinstance(packet, bytes) else b"", texts, policy, factor)


def _png_texts(info: Mapping[Any, Any]) -> dict[str, list[str]]:
    """Return the texts of the two keywords of PNG's own that name the maker, by XMP property."""
    named = {"dc:creator": info.get("Author"), "dc:rights": info.get("Copyright")}
    return {name: [text] for name, text in named.items() if isinstance(text, str)}
