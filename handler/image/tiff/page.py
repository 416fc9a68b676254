"""A TIFF's page as Pillow opens it, less what Pillow gets wrong."""

from __future__ import annotations

import struct
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImagePalette
from PIL.TiffImagePlugin import TiffImageFile
from PIL.TiffTags import TAGS_V2_GROUPS

from handler.image.picture import Damaged, Rejected
from handler.image.tiff import inner
from handler.image.tiff.layout import (
    BLACK_IS_ZERO,
    CIE_LAB,
    FLOATING,
    ICC_LAB,
    INKS,
    LOG_L,
    LOG_LUV,
    RGB,
    WHITE_IS_ZERO,
    YCBCR,
    layout,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from handler.formats import Cost
    from handler.image.tiff.directory import Directory
    from handler.image.tiff.layout import Layout

# What Pillow raises on EXIF that is not what it claims to be; it documents none of it.
_DAMAGE: Final = (OSError, SyntaxError, ValueError, LookupError, TypeError, struct.error)
_COLOUR_MAP: Final = 320
_EIGHT_BITS: Final = 8
# A tile may reach beyond a small picture, and hardly beyond a large one; libtiff makes room for it.
_LEAST_TILE_BYTES: Final = 4 << 20
_TWELVE_BITS: Final = 12
_JPEG: Final = frozenset({6, 7})
_READ_HERE: Final = frozenset({WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, INKS, CIE_LAB, ICC_LAB})


class Page(TiffImageFile):
    """A TIFF's page as it lies in the file: turning it is left to whoever turns all formats.

    Pillow turns the whole picture while it loads it, by XMP where EXIF says nothing.
    """

    warnings: tuple[str, ...] = ()
    further = 0
    orientation = 1

    def _setup(self) -> None:
        super()._setup()
        self._size = self._tile_size
        levels = self.tag_v2.get(_COLOUR_MAP, ())
        # Older scanners wrote levels of 8 bits, where TIFF has 16; libtiff looks for that as well.
        if self.palette and levels and max(levels) < 1 << _EIGHT_BITS:
            self.palette = ImagePalette.raw("RGB;L", bytes(levels))

    def load_end(self) -> None:
        """Read the EXIF while the file is open, as Pillow does; leave the pixels as they are."""
        with suppress(*_DAMAGE):
            exif = self.getexif()
            for tag in TAGS_V2_GROUPS.keys() & exif.keys():
                exif.get_ifd(tag)


class Unpacked(Page):
    """A page whose pixels ``decode`` unpacks, because Pillow cannot, or does so wrongly.

    ``cost`` is what one of them takes.
    """

    def __init__(
        self, data: bytes, how: Layout, mode: str, cost: Cost, decode: Callable[[], Image.Image]
    ) -> None:
        self._shape = (how.width, how.height), mode
        self.cost, self._decode = cost, decode
        super().__init__(BytesIO(data))

    def _setup(self) -> None:
        self._size, self._mode = self._shape
        self.tile = []

    def load(self) -> Any:
        """Unpack the pixels, once."""
        if self._im is None:
            picture = self._decode()
            self.im, self._mode = picture.im, picture.mode
            self.load_end()
        return Image.Image.load(self)


def page_of(data: bytes, directory: Directory) -> Page:
    """Return the page of ``directory``, the first of the file ``data``, undecoded.

    Raises:
        Rejected: its samples are of a kind that is not read.
        OSError, SyntaxError, ValueError and others: as Pillow's own, where it is damaged.
    """
    how = layout(directory)
    if how.part_bytes > max(_LEAST_TILE_BYTES, 2 * how.bytes):
        raise Damaged("damaged: its parts are not as long as its directory says")
    if how.compression not in inner.OPENERS and not _misread(how):
        try:
            return Page(BytesIO(data))
        except (SyntaxError, KeyError):
            if not how.width or not how.height:
                raise
    return _unpacked(data, directory, how)


def _unpacked(data: bytes, directory: Directory, how: Layout) -> Page:
    from handler.image.tiff import samples, strips

    if how.compression in inner.OPENERS:
        mode, decode = samples.MODES.get(how.photometric, "RGB"), partial(inner.decoded, directory)
        return Unpacked(data, how, mode, inner.COST, decode)
    if how.photometric == YCBCR and how.bits[0] > _EIGHT_BITS:
        raise Rejected(f"a TIFF of YCbCr of {how.bits[0]} bits, which is not read")
    if how.photometric in (YCBCR, LOG_L, LOG_LUV):
        shown = partial(strips.shown, data, how.width, how.height)
        return Unpacked(data, how, "RGB", strips.SHOWN_COST, shown)
    if reason := samples.refusal(how):
        raise Rejected(reason)
    decode = partial(samples.decoded, data, how)
    return Unpacked(data, how, samples.mode(how), samples.cost(how), decode)


def _misread(how: Layout) -> bool:
    """Say whether Pillow 13.0.0 shows something else than the picture: docs/pillow.md has each."""
    if how.photometric == YCBCR:
        return how.compression not in _JPEG
    deep = how.bits[0] > _EIGHT_BITS
    if how.photometric not in _READ_HERE or how.compression in _JPEG:
        return deep and how.compression in _JPEG
    return (
        how.planar
        or how.kind == FLOATING
        or how.counted
        or how.bits[0] == _TWELVE_BITS
        or (deep and how.photometric == WHITE_IS_ZERO)
    )
