"""JPEG in fewer bytes for the same look: quantized by jpegli, its scans chosen by MozJPEG.

Both come into the layer where a rendition asks for quality ``auto``; importing this raises
``ImportError`` where one is not there. MozJPEG's transcoder is called as its wheel's header says
(``mozjpeg_opti.h``, 1.3), without the Python around it, which needs cffi.
"""

from __future__ import annotations

from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_ulong, c_void_p, string_at
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyjpegli

from handler.image import jpeg, likeness

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    Write = Callable[..., bytes]

_NO_SEGMENTS: Final = 0
# MozJPEG takes 8 % off jpegli's files, and 6 % off Pillow's.
_TAKEN_OFF: Final = 1.02
# Below it jpegli's files are larger than libjpeg's of the same quality.
_LEAST: Final = 30


class Coder:
    """Writes one picture.

    ``save`` is Pillow's way to, ``complete`` adds what stands behind a picture, ``quality`` is what
    Pillow would take.
    """

    def __init__(
        self, image: Image.Image, save: Write, complete: Callable[[bytes], bytes], quality: int
    ) -> None:
        self._image, self._save, self._complete = image, save, complete
        self._model = save(quality=quality)
        # jpegli's module takes nothing else; of grey nothing but the scans is better.
        self._pixels = image.tobytes() if image.mode == "RGB" else b""

    def alike(self) -> bytes:
        """Return the picture looking as in Pillow's file, or that one if it is smaller."""
        if not self._pixels:
            return self._finished(self._model)
        body = likeness.as_alike(self._image, self._model, self._coded)
        smaller = len(body) < len(self._model) * _TAKEN_OFF
        return self._finished(body if smaller else self._model)

    def written(self, quality: int) -> bytes:
        """Return the picture at ``quality``."""
        coded = self._pixels and quality >= _LEAST
        return self._finished(self._coded(quality) if coded else self._save(quality=quality))

    def _coded(self, quality: int) -> bytes:
        body: bytes = pyjpegli.encode(self._pixels, *self._image.size, quality=quality)
        return body

    def _finished(self, body: bytes) -> bytes:
        """Return ``body`` in the fewest scans' bytes, with what Pillow's file says of itself."""
        told = self._model[: jpeg.behind_applications(self._model)]
        fewest = _transcoded(body)
        return self._complete(told + fewest[jpeg.behind_applications(fewest) :])


def _transcoded(body: bytes) -> bytes:
    """Return the same coefficients in progressive scans, and no segments.

    ``ValueError`` where there are none.
    """
    found = c_void_p()
    size = _LIBRARY.mozjpeg_lossless_optimization(body, len(body), byref(found), _NO_SEGMENTS)
    try:
        if not size:
            raise ValueError("MozJPEG cannot read it")
        return string_at(found.value or 0, size)
    finally:
        _LIBRARY.mozjpeg_lossless_optimization_free_bytes(byref(found))


def _loaded() -> CDLL:
    package = find_spec("mozjpeg_lossless_optimization")
    places = package.submodule_search_locations if package else None
    try:
        library = CDLL(str(next(Path(next(iter(places or ()))).glob("_mozjpeg_opti*.so"))))
        library.mozjpeg_lossless_optimization.restype = c_ulong
        library.mozjpeg_lossless_optimization.argtypes = (
            c_char_p, c_ulong, POINTER(c_void_p), c_int,
        )  # fmt: skip
        library.mozjpeg_lossless_optimization_free_bytes.restype = None
        library.mozjpeg_lossless_optimization_free_bytes.argtypes = (POINTER(c_void_p),)
    except (StopIteration, OSError, AttributeError) as error:
        raise ImportError("MozJPEG is not there") from error
    return library


_LIBRARY: Final = _loaded()
