"""Fair sizes: a file no larger than its source's, where it has no more pixels to tell.

A PNG of few colours has a palette, one with flat areas the better of two of zlib's strategies. What
would still be larger than its source is written in fewer colours where no eye sees it, without loss
where that is smaller, or at a lower quality. A camera's picture is never looked at twice.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageChops, ImageStat

from handler.image import averaged, blocks
from handler.image.search import best_under

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Write = Callable[..., bytes]
_COLOURS: Final = 256
# A picture has flat areas if it has less than one colour for so many pixels.
_PIXELS_A_COLOUR: Final = 16
_BANDS: Final = 8
_FLAT: Final = {"compress_level": 6, "compress_type": 0}
_PALETTED: Final = {"compress_level": 9, "compress_type": 0}
# A fifth of the time of Pillow's own effort, for 2 % more.
_EXACT: Final = {"method": 1, "quality": 30}
# What Pillow finds fewer colours by; only one of its ways knows alpha.
_QUANTIZERS: Final = {"RGB": Image.Quantize.MAXCOVERAGE, "RGBA": Image.Quantize.FASTOCTREE}
# In which the colours that were found are moved into the middle of what they stand for.
_ROUNDS: Final = 1
# Pixels among which they are found: more take seconds a megapixel, and gain 0 to 2 decibels.
_FOUND_PIXELS: Final = 1 << 16
# Of more pixels, all colours are not packed as densely as zlib can: a second each for 2 %.
_PACKED_PIXELS: Final = 1 << 20
# Decibels from which no eye tells fewer colours from all.
_UNSEEN_DECIBELS: Final = 40.0
# For a source that did with as few itself: its own colours were chosen as coarsely.
_NEAR_DECIBELS: Final = 32.0
# Of a quality that was not asked for, the lowest that a smaller file is worth.
_LOWEST_QUALITY: Final = 30


def png(image: Image.Image, write: Write, bound: int, *, of_few: bool) -> bytes:
    """Return the still ``image`` as a PNG; ``bound`` is its source's bytes, 0 = none that counts.

    ``write`` takes a picture and arguments of Pillow's ``save``. ``of_few``: the source had as many
    colours as a palette holds.
    """
    if exact := _paletted(image):
        return write(exact, **_PALETTED)
    sample = _sample(image)
    if not of_few and not sample.getcolors(sample.width * sample.height // _PIXELS_A_COLOUR):
        return averaged.written(image, write)
    flatter = len(write(sample, **_FLAT)) < len(write(sample))
    body = write(image, **_FLAT) if flatter else write(image)
    if not bound or len(body) <= bound:
        return body
    near = _NEAR_DECIBELS if of_few else _UNSEEN_DECIBELS
    return _under(bound, _smaller(image, write, near), body)


def _sample(image: Image.Image) -> Image.Image:
    """Return a sixteenth of ``image``: bands of its rows, from top to bottom."""
    rows = max(1, image.height // (2 * _BANDS * _BANDS))
    sample = Image.new(image.mode, (image.width, rows * _BANDS))
    for band in range(_BANDS):
        top = band * image.height // _BANDS
        sample.paste(image.crop((0, top, image.width, top + rows)), (0, band * rows))
    return sample


def exact(write: Callable[..., bytes]) -> bytes:
    """Return a WebP without loss; ``write`` takes arguments of Pillow's ``save``.

    Worth it for a source without loss: one with loss has told in little what needs more without.
    """
    return write(lossless=True, **_EXACT)


def lossy(body: bytes, write: Callable[..., bytes], bound: int, quality: int) -> bytes:
    """Return a file of at most ``bound`` bytes instead of ``body``, which is larger.

    It is of a lower quality than ``quality``, unless that would have to be too low: then ``body``.
    ``write`` takes arguments of Pillow's ``save``.
    """
    lower = best_under(lambda tried: write(quality=tried), bound, _LOWEST_QUALITY, quality)
    return lower if len(lower) <= bound else body


def _smaller(image: Image.Image, write: Write, near: float) -> Iterator[bytes]:
    """Yield smaller and smaller files, of colours within ``near`` decibels; then one of all."""
    for colours in (256, 128, 64, 32) if image.mode in _QUANTIZERS else ():
        few = _of_few(image, colours)
        if _decibels(image, few.convert(image.mode)) < near:
            break
        yield write(few, **_PALETTED)
    if image.width * image.height <= _PACKED_PIXELS:
        yield write(image, **_PALETTED)


def _of_few(image: Image.Image, colours: int) -> Image.Image:
    """Return ``image`` in so many colours: those of a sample, where it is large."""
    method, step = _QUANTIZERS[image.mode], math.isqrt(image.width * image.height // _FOUND_PIXELS)
    if step <= 1 or image.mode == "RGBA":
        return image.quantize(colours, method, _ROUNDS, dither=Image.Dither.NONE)
    size = max(1, image.width // step), max(1, image.height // step)
    sample = image.resize(size, Image.Resampling.NEAREST)
    palette = sample.quantize(colours, method, _ROUNDS, dither=Image.Dither.NONE)
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


def _under(bound: int, candidates: Iterator[bytes], body: bytes) -> bytes:
    """Return the first candidate of at most ``bound`` bytes, or else the smallest of all."""
    for candidate in candidates:
        body = min(body, candidate, key=len)
        if len(body) <= bound:
            break
    return body


def _decibels(one: Image.Image, other: Image.Image) -> float:
    squares = ImageStat.Stat(ImageChops.difference(one, other)).sum2
    mean = sum(squares) / (len(squares) * one.width * one.height)
    return 10 * math.log10(255**2 / mean) if mean else math.inf


def _paletted(image: Image.Image) -> Image.Image | None:
    """Return exactly ``image`` by a palette, ``None`` if it is grey or has too many colours.

    Pillow's own quantizers take neighbouring colours for one.
    """
    if image.mode not in _QUANTIZERS or not image.getcolors(_COLOURS):
        return None
    alpha = image.mode == "RGBA"
    words = image if alpha else image.convert("RGBX")
    counted: Any = words.getcolors(_COLOURS)
    colours = sorted((colour for _, colour in counted), key=_clear_first)
    numbers = {_word(colour): index for index, colour in enumerate(colours)}
    few = Image.frombytes("P", image.size, _numbered(words, numbers))
    few.putpalette([value for colour in colours for value in colour[:3]])
    if alpha:
        few.info["transparency"] = bytes(colour[3] for colour in colours)
    return few


def _clear_first(colour: Any) -> tuple[int, ...]:
    """Sort as PNG saves most: alphas are stored up to the last colour that lets through."""
    return colour[3], *colour[:3]


def _numbered(words: Image.Image, numbers: Mapping[int, int]) -> bytes:
    """Return the number of each pixel's colour, a band of rows at a time."""
    rows = (
        array("I", words.crop((0, top, words.width, end)).tobytes())
        for top, end in blocks.bands(words.height, (1, 1))
    )
    return b"".join(bytes(map(numbers.__getitem__, each)) for each in rows)


def _word(colour: tuple[int, ...]) -> int:
    return array("I", bytes(colour))[0]
