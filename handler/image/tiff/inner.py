"""TIFFs whose parts are pictures of other formats: archives' JPEG 2000, and WebP."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops

from handler.formats import Cost
from handler.image import codestream
from handler.image.picture import Damaged, Rejected
from handler.image.tiff.layout import WHITE_IS_ZERO, layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.ImageFile import ImageFile

    from handler.image.tiff.directory import Directory

_WIDTH, _LENGTH, _COMPRESSION, _ROWS = 256, 257, 259, 278
_OFFSETS, _COUNTS = 273, 279
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_COUNTS = 322, 323, 324, 325
_PHOTOMETRIC: Final = 262
_JPEG2000: Final = ("handler.image.jpeg2000", "opened")
# Their code streams do not say that the colours are YCbCr; they are RGB where these mix them.
_JPEG2000_YCBCR: Final = frozenset({33003, 33004})
# By the number of the compression: what opens such a picture.
OPENERS: Final = {
    33003: _JPEG2000,
    33004: _JPEG2000,
    33005: _JPEG2000,
    34712: _JPEG2000,
    50001: ("PIL.WebPImagePlugin", "WebPImageFile"),
}

_WHITE: Final = 65535

# What a pixel takes where one part is the whole picture, as JPEG 2000.
COST: Final = Cost(24, 280)


def decoded(directory: Directory) -> Image.Image:
    """Return the picture of ``directory``, put together.

    Raises:
        OSError, ValueError and others: as Pillow's own, where it is damaged.
    """
    picture: Image.Image | None = None
    if layout(directory).separate:
        raise Rejected("a TIFF whose planes are pictures of another format, which is not read")
    for part, place in _parts(directory):
        whole = picture or Image.new(part.mode, (directory.value(_WIDTH), directory.value(_LENGTH)))
        whole.paste(part, place)
        picture = whole
    if picture is None:
        raise Damaged("damaged: it has no parts")
    return _negative(picture) if directory.value(_PHOTOMETRIC) == WHITE_IS_ZERO else picture


def _negative(picture: Image.Image) -> Image.Image:
    """Return what ``picture`` shows where its white is zero: grey of 8 bits, or of 16."""
    if picture.mode != "I;16":
        return ImageChops.invert(picture)
    return picture.convert("I").point(lambda level: level * -1 + _WHITE)


def _parts(directory: Directory) -> Iterator[tuple[Image.Image, tuple[int, int]]]:
    compression = directory.value(_COMPRESSION)
    module, name = OPENERS[compression]
    opener = getattr(import_module(module), name)
    offsets = directory.values(_OFFSETS) or directory.values(_TILE_OFFSETS)
    counts = directory.values(_COUNTS) or directory.values(_TILE_COUNTS)
    for at, length, place in zip(offsets, counts, _places(directory), strict=False):
        part = opener(BytesIO(directory.data[at : at + length]))
        if part.width * part.height > directory.value(_WIDTH) * directory.value(_LENGTH) * 4:
            raise Damaged("damaged: a part is larger than the picture")
        part.load()
        yield _in_rgb(part, compression), place


def _in_rgb(part: ImageFile, compression: int) -> Image.Image:
    """Return ``part``, whose colours may be YCbCr without its saying so, in RGB."""
    mixed = codestream.mixed(getattr(part, "stream", b""))
    if part.mode != "RGB" or compression not in _JPEG2000_YCBCR or mixed:
        return part
    return Image.frombytes("YCbCr", part.size, part.tobytes()).convert("RGB")


def _places(directory: Directory) -> Iterator[tuple[int, int]]:
    width, height = directory.value(_WIDTH), directory.value(_LENGTH)
    across = directory.value(_TILE_WIDTH, width)
    down = directory.value(_TILE_LENGTH) or directory.value(_ROWS, height)
    for top in range(0, height, max(1, down)):
        for left in range(0, width, max(1, across)):
            yield left, top
