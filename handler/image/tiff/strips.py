"""A TIFF's samples as they are stored, part by part, unpacked by the libtiff that Pillow brings.

Pillow reads a fixed list of layouts. libtiff itself takes any: it undoes the compression and the
predictor, and brings numbers of 16 bits and more into this machine's order.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from ctypes import (
    CDLL,
    c_char,
    c_char_p,
    c_int,
    c_int64,
    c_uint16,
    c_uint32,
    c_void_p,
    create_string_buffer,
)
from functools import lru_cache
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, _imaging

from handler.formats import Cost
from handler.image.picture import Damaged, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handler.image.tiff.layout import Layout, Place

# What libtiff may add to a part for its own ends.
_MOST_MARGIN_BYTES: Final = 4096
_TOP_LEFT: Final = 1
# What a pixel of libtiff's own showing takes.
SHOWN_COST: Final = Cost(8, 25)


def stored(data: bytes, layout: Layout) -> Iterator[tuple[Place, memoryview]]:
    """Yield every tile, or else every row, of the first directory of ``data``, and its samples.

    These are only good until the next ones are asked for.

    Raises:
        Damaged: one cannot be unpacked.
        Rejected: libtiff is out of reach, or lacks the compression.
    """
    with _opened(data) as (library, handle):
        if not library.TIFFIsCODECConfigured(layout.compression):
            raise Rejected(f"a TIFF whose compression ({layout.compression}) is not read here")
        size = library.TIFFTileSize(handle) if layout.tiled else library.TIFFScanlineSize(handle)
        if not layout.part_bytes <= size <= layout.part_bytes + _MOST_MARGIN_BYTES:
            raise Damaged("damaged: its parts are not as long as its directory says")
        buffer = create_string_buffer(size)
        whole = memoryview(buffer).cast("B")
        for number, place in enumerate(layout.places()):
            if layout.tiled:
                length = library.TIFFReadEncodedTile(handle, number, buffer, size)
            else:
                length = library.TIFFReadScanline(handle, buffer, place.top, place.channel)
            if length < 0:
                raise Damaged("damaged: its packed data cannot be unpacked")
            yield place, whole


def shown(data: bytes, width: int, height: int) -> Image.Image:
    """Return the first directory of ``data`` as libtiff itself shows it, in RGB.

    For colours whose coding libtiff knows best: YCbCr with fewer samples of colour, LogLuv.

    Raises:
        Damaged: it cannot be shown.
        Rejected: libtiff is out of reach.
    """
    pixels = bytearray(4 * width * height)
    with _opened(data) as (library, handle):
        raster = (c_char * len(pixels)).from_buffer(pixels)
        if not library.TIFFReadRGBAImageOriented(handle, width, height, raster, _TOP_LEFT, 1):
            raise Damaged("damaged: its data cannot be read")
    return Image.frombuffer("RGBX", (width, height), pixels, "raw", "RGBX", 0, 1).convert("RGB")


@contextmanager
def _opened(data: bytes) -> Iterator[tuple[Any, int]]:
    library = _library()
    if library is None:
        raise Rejected("a TIFF of a kind that is not read on this system")
    with TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        handle = library.TIFFFdOpen(os.dup(file.fileno()), b"picture", b"r")
        if not handle:
            raise Damaged("damaged: its directory cannot be read")
        try:
            yield library, handle
        finally:
            library.TIFFClose(handle)  # and its own descriptor


@lru_cache(maxsize=1)
def _library() -> Any | None:
    """Return libtiff as Pillow's module has loaded it; wheels for Windows hide it: ``None``."""
    library = CDLL(_imaging.__file__)
    try:
        library.TIFFFdOpen.argtypes = [c_int, c_char_p, c_char_p]
        library.TIFFFdOpen.restype = c_void_p
        library.TIFFClose.argtypes = [c_void_p]
        for name in ("TIFFScanlineSize", "TIFFTileSize"):
            getattr(library, name).argtypes = [c_void_p]
            getattr(library, name).restype = c_int64
        library.TIFFReadEncodedTile.argtypes = [c_void_p, c_uint32, c_void_p, c_int64]
        library.TIFFReadEncodedTile.restype = c_int64
        library.TIFFReadScanline.argtypes = [c_void_p, c_void_p, c_uint32, c_uint16]
        library.TIFFReadRGBAImageOriented.argtypes = [
            c_void_p, c_uint32, c_uint32, c_void_p, c_int, c_int,
        ]  # fmt: skip
        # They would write to standard error.
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            getattr(library, name).argtypes = [c_void_p]
            getattr(library, name).restype = c_void_p
            getattr(library, name)(None)
    except AttributeError:
        return None
    return library
