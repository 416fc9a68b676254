"""TIFF: which of its directories is the picture, and what Pillow would read wrongly or not."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from handler.image.picture import Damaged, Rejected
from handler.image.tiff import pages, raw, rewrite
from handler.image.tiff.directory import Directory, chain
from handler.image.tiff.page import Page, page_of

_ORIENTATION: Final = 274
_BIG_ENDIAN_BIGTIFF: Final = b"MM\0+"


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
    if camera := raw.raw(directories):
        return _preview(camera)

    primary, more = pages.primary(directories)
    if not whole and pages.reduced(primary):
        raise Damaged("damaged: the file ends before its picture")
    found = page_of(_in_front(primary, directories), primary)
    found.orientation = primary.value(_ORIENTATION, 1)
    found.further = more
    return found


def further(data: bytes) -> Iterator[bytes]:
    """Yield the TIFF ``data`` once for each page but the first, beginning with that page.

    A camera's raw file has none.
    """
    directories, _ = chain(data)
    if directories and not raw.raw(directories):
        for page in pages.whole(directories)[1:]:
            yield rewrite.beginning_with(page)


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
