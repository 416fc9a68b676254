"""Still WebP pictures, decoded by the libwebp that Pillow brings, without Pillow's detour.

Pillow decodes every WebP as an animation: two canvases, a copy and a second copy, 16 bytes a pixel
and twice the time. libwebp's own function for stills writes straight into one buffer, 4 bytes a
pixel, which Pillow then reads in place.
"""

from __future__ import annotations

from ctypes import CDLL, c_char, c_int, c_size_t, c_void_p
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, _webp

from handler.image.picture import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.ImageFile import ImageFile


def decoded(data: bytes, opened: ImageFile) -> Image.Image | None:
    """Return the pixels of the file ``data``, which Pillow has ``opened``; ``None``: let Pillow.

    That is animations, and where libwebp is out of reach.

    Raises ``Damaged`` when the file is damaged.
    """
    decode = _decoder()
    if decode is None or getattr(opened, "n_frames", 1) > 1:
        return None
    pixels = bytearray(4 * opened.width * opened.height)
    if not decode(
        data, len(data), (c_char * len(pixels)).from_buffer(pixels), len(pixels), 4 * opened.width
    ):
        raise Damaged("damaged: its data cannot be read")
    mode = "RGBX" if opened.mode == "RGB" else "RGBA"
    image = Image.frombuffer(mode, opened.size, pixels, "raw", mode, 0, 1)
    image.info = opened.info
    return image


@lru_cache(maxsize=1)
def _decoder() -> Callable[..., int | None] | None:
    """Return libwebp's ``WebPDecodeRGBAInto`` (decode.h) from what Pillow's module has loaded.

    Wheels for Windows hide it: ``None``.
    """
    try:
        decode = CDLL(_webp.__file__).WebPDecodeRGBAInto
    except (OSError, AttributeError):
        return None
    decode.argtypes = [c_void_p, c_size_t, c_void_p, c_size_t, c_int]
    decode.restype = c_void_p
    return decode
