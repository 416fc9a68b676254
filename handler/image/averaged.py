"""A photograph as a PNG in half of Pillow's time: every row is told by the mean of its neighbours.

Pillow tries all five filters on each row, which takes as long as packing it; on photographs the
mean is the best of them nearly everywhere, and the file 1 or 2 % larger.
https://www.w3.org/TR/png-3/#9Filters
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops

from handler.image import chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MEAN: Final = b"\3"
# Of rows that are looked at together, so that a large picture is never copied whole.
_BAND: Final = 128
_LEVEL: Final = 1
# Where a PNG's header has said its size, and ends.
_SIZE_END, _HEADER_END = 24, 29


def written(image: Image.Image, write: Callable[[Image.Image], bytes]) -> bytes:
    """Return ``image``, of 8 bits a channel, as a PNG with all that ``write`` says beside pixels.

    ``write`` is Pillow's own way to a PNG; it is asked for one of a single pixel.
    """
    shell = write(Image.new(image.mode, (1, 1)))
    size = struct.pack(">2I", *image.size)
    return b"".join([shell[: chunks.HEAD_BYTES], *_chunks(shell, image, size)])


def _chunks(shell: bytes, image: Image.Image, size: bytes) -> Iterator[bytes]:
    """Yield the chunks of ``shell``, the size and the pixels being those of ``image``."""
    for name, at, end in chunks.chunks(shell):
        if name == b"IHDR":
            yield chunks.chunk(name, size + shell[_SIZE_END:_HEADER_END])
        elif name == b"IDAT":
            yield from (chunks.chunk(name, part) for part in _packed(image))
        else:
            yield shell[at:end]


def _packed(image: Image.Image) -> Iterator[bytes]:
    """Yield the packed rows in parts, so that they are never joined but in the file."""
    packer = zlib.compressobj(_LEVEL, strategy=zlib.Z_RLE)
    yield from filter(None, (packer.compress(rows) for rows in _filtered(image)))
    yield packer.flush()


def _filtered(image: Image.Image) -> Iterator[bytes]:
    """Yield bands of rows, each row less the mean of the pixels to the left and above it.

    What lies beyond the picture is zero, as ``crop`` fills it.
    """
    width, height = image.size
    length = width * len(image.getbands())
    for top in range(0, height, _BAND):
        rows = min(_BAND, height - top)
        around = image.crop((-1, top - 1, width, top + rows))
        here = around.crop((1, 1, width + 1, rows + 1))
        left, above = around.crop((0, 1, width, rows + 1)), around.crop((1, 0, width + 1, rows))
        mean = ImageChops.add(left, above, scale=2)
        told = ImageChops.subtract_modulo(here, mean).tobytes()
        yield b"".join(_MEAN + told[at : at + length] for at in range(0, len(told), length))
