"""Resampling: by vector code where a library of it is there, else by Pillow; both look alike.

cykooz.resizer, Rust's fast_image_resize for Python, weighs by Pillow's own kernels in an eighth of
its time. It reads and writes Pillow's pixels where they lie, as Pillow's headers say, and so is
trusted with the one release of Pillow that it was held against.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import PIL
from PIL import Image

from handler.image import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

_PILLOW: Final = "13.0.0"
# What the library is told of each mode: to it, all of four bytes a pixel are alike.
_TOLD: Final = {
    "L": "L",
    "F": "F",
    **dict.fromkeys(("LA", "La", "RGB", "RGBX", "RGBA", "RGBa", "CMYK", "YCbCr"), "RGB"),
}
# Its numbers of Pillow's kernels, and of the algorithm that weighs every pixel under them.
_KERNELS: Final = {Image.Resampling.BICUBIC: 3, Image.Resampling.LANCZOS: 5}
_CONVOLUTION: Final = 2

# Pixels of a picture that is shorter, and not yet narrower, that may lie in memory at once; rows of
# the result under which reckoning the kernels anew costs more than that saves.
_STRIP_PIXELS: Final = 1 << 18
_LEAST_ROWS: Final = 64

# What of itself the library leaves in memory, most of it code.
_HELD_BYTES: Final = 4 << 20

Box = tuple[float, float, float, float]


def resized(
    image: Image.Image, size: tuple[int, int], resampling: Image.Resampling, box: Box | None = None
) -> Image.Image:
    """Return what of ``image`` lies within ``box``, in pixels and their fractions, at ``size``.

    ``resampling`` is BICUBIC or LANCZOS. Colours are weighed by their alpha, where there is one.
    """
    library, part = _library(), box or (0, 0, *image.size)
    as_it_is = part == (0, 0, *size)
    if as_it_is or library is None or image.mode not in _TOLD:
        return image.resize(size, resampling, box)
    pixels = blocks.multiplied(image)
    made = Image.new(pixels.mode, size, None)
    made.info = image.info.copy()
    for top, strip in _strips(library, pixels, size, _KERNELS[resampling], part):
        made.paste(strip, (0, top))
    return made if made.mode == image.mode else made.convert(image.mode)


def held_bytes() -> int:
    """Return what a process holds for resampling beside any picture."""
    return _HELD_BYTES if _library() else 0


def _strips(
    library: Any, image: Image.Image, size: tuple[int, int], kernel: int, box: Box
) -> Iterator[tuple[int, Image.Image]]:
    """Yield the top of each strip of what is made of ``image``, and the strip.

    The library makes all columns shorter before it makes the rows so, and a whole picture that is
    only that would take more memory than Pillow does.
    """
    left, above, right, below = box
    by, rows = (below - above) / size[1], max(_LEAST_ROWS, _STRIP_PIXELS // image.width)
    resizer, options = library.RustResizer(), library.RustResizeOptions()
    options = options.set_use_alpha(v=False).set_resize_alg(_CONVOLUTION, kernel, 0)
    seen = _seen(library, image)
    for top in range(0, size[1], rows):
        strip = Image.new(image.mode, (size[0], min(rows, size[1] - top)), None)
        start, end = above + top * by, min(below, above + (top + strip.height) * by)
        part = options.set_crop_box(left, start, right - left, end - start)
        resizer.resize_pil(seen, _seen(library, strip), part)
        yield top, strip


@lru_cache(maxsize=1)
def _library() -> Any:
    """Return the library; ``None`` where it is not there, or may not know where pixels lie."""
    if PIL.__version__ != _PILLOW:
        return None
    try:
        from cykooz_resizer import rust_lib
    except ImportError:
        return None
    return rust_lib


def _seen(library: Any, image: Image.Image) -> Any:
    """Return ``image`` as the library takes one, by these of its attributes."""
    image.load()
    told = SimpleNamespace(
        mode=_TOLD[image.mode], size=image.size, load=image.load, getim=image.getim
    )
    return library.PilImageWrapper(told)
