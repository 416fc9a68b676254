"""TIFF: which of its directories is the picture, and what Pillow would read wrongly or not."""

from __future__ import annotations

import struct
from contextlib import suppress
from io import BytesIO
from typing import Final

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.TiffTags import TAGS_V2_GROUPS

from handler.image.picture import Rejected
from handler.image.tiff import pages, raw, rewrite
from handler.image.tiff.directory import Directory, chain

# What Pillow raises on EXIF that is not what it claims to be; it documents none of it.
_DAMAGE: Final = (OSError, SyntaxError, ValueError, LookupError, TypeError, struct.error)
_ORIENTATION: Final = 274
_BIG_ENDIAN_BIGTIFF: Final = b"MM\0+"


class Page(TiffImageFile):
    """A TIFF's page as it lies in the file: turning it is left to whoever turns all formats.

    Pillow turns the whole picture while it loads it, by XMP where EXIF says nothing.
    """

    warnings: tuple[str, ...] = ()
    orientation = 1

    def _setup(self) -> None:
        super()._setup()
        self._size = self._tile_size

    def load_end(self) -> None:
        """Read the EXIF while the file is open, as Pillow does; leave the pixels as they are."""
        with suppress(*_DAMAGE):
            exif = self.getexif()
            for tag in TAGS_V2_GROUPS.keys() & exif.keys():
                exif.get_ifd(tag)


class RawPreview(JpegImageFile):
    """The JPEG that a camera put beside what its sensor saw."""

    warnings: tuple[str, ...] = ()


def opened(stream: BytesIO) -> ImageFile:
    """Open a TIFF without decoding it: its first whole page, or a raw file's preview.

    Raises:
        Rejected: a raw file has no preview in full size.
        OSError, SyntaxError, ValueError and others: as Pillow's own, where it is damaged.
    """
    data = stream.getvalue()
    directories, whole = chain(data)
    if not directories:
        return Page(stream)
    if found := raw.raw(directories):
        return _preview(found)

    primary, further = pages.primary(directories)
    if not whole and pages.reduced(primary):
        raise OSError("the file ends before its picture")
    page = Page(BytesIO(_in_front(primary, directories)))
    page.orientation = primary.value(_ORIENTATION, 1)
    if further:
        page.warnings = (f"{further + 1} pages: only the first is kept",)
    return page


def _in_front(primary: Directory, directories: list[Directory]) -> bytes:
    if primary.data.startswith(_BIG_ENDIAN_BIGTIFF):
        return rewrite.classic(primary)
    return primary.data if primary is directories[0] else rewrite.beginning_with(primary)


def _preview(found: raw.Raw) -> RawPreview:
    preview = raw.full_size(found)
    if preview is None:
        what = f"a camera raw file ({found.kind}) without a full-size preview"
        raise Rejected(f"{what}: export it as JPEG or TIFF")
    image = RawPreview(BytesIO(preview.jpeg))
    size = f"{preview.header.width} x {preview.header.height}"
    image.warnings = (f"a camera raw file ({found.kind}): shown by its own preview of {size}",)
    return image
