"""TIFFs whose parts are pictures of other formats: archives' JPEG 2000, and WebP."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL import Image

from handler.formats import Cost
from handler.image.picture import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handler.image.tiff.directory import Directory

_WIDTH, _LENGTH, _COMPRESSION, _ROWS = 256, 257, 259, 278
_OFFSETS, _COUNTS = 273, 279
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_COUNTS = 322, 323, 324, 325
_JPEG2000: Final = ("PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile")
# Their code streams do not say that the colours are YCbCr.
_JPEG2000_YCBCR: Final = frozenset({33003, 33004})
# By the number of the compression: what opens such a picture.
OPENERS: Final = {
    33003: _JPEG2000,
    33004: _JPEG2000,
    33005: _JPEG2000,
    34712: _JPEG2000,
    50001: ("PIL.WebPImagePlugin", "WebPImageFile"),
}

# What a pixel takes where one part is the whole picture, as JPEG 2000.
COST: Final = Cost(24, 280)


def decoded(directory: Directory) -> Image.Image:
    """Return the picture of ``directory``, put together.

    Raises:
        OSError, ValueError and others: as Pillow's own, where it is damaged.
    """
    picture: Image.Image | None = None
    for part, place in _parts(directory):
        whole = picture or Image.new(part.mode, (directory.value(_WIDTH), directory.value(_LENGTH)))
        whole.paste(part, place)
        picture = whole
    if picture is None:
        raise Damaged("damaged: it has no parts")
    return picture


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
        if compression in _JPEG2000_YCBCR and part.mode == "RGB":
            part = Image.frombytes("YCbCr", part.size, part.tobytes()).convert("RGB")
        yield part, place


def _places(directory: Directory) -> Iterator[tuple[int, int]]:
    width, height = directory.value(_WIDTH), directory.value(_LENGTH)
    across = directory.value(_TILE_WIDTH, width)
    down = directory.value(_TILE_LENGTH) or directory.value(_ROWS, height)
    for top in range(0, height, max(1, down)):
        for left in range(0, width, max(1, across)):
            yield left, top
