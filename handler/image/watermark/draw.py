"""The watermark: a text or an image, sized by the picture, laid over it in place.

Drawing and scaling the mark is what costs; it is cached by mark and size, so that a warm function
only pastes.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from itertools import product
from math import ceil, cos, hypot, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image

from handler.image.picture import NOT_DRAWN
from handler.image.watermark import font, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handler.recipe import Watermark

# Pixels of height below which a mark is a smudge, and is not drawn.
LEGIBLE_PIXELS: Final = 8

# Ems in pixels between which text is drawn and then scaled: below, hinting rounds distances to
# whole pixels; above, it is only memory.
_FINE_PIXELS: Final = 128
_COARSE_PIXELS: Final = 512

_SMOOTH: Final = Image.Resampling.LANCZOS


def draw(image: Image.Image, mark: Watermark, folder: Path | None) -> str | None:
    """Draw ``mark`` onto ``image`` (RGB, RGBA, L or LA) in place; return a warning or ``None``.

    It lies wholly inside the picture and its margin, and shrinks where it is too long for that;
    only tiles run over the edges. ``folder`` holds the files that ``mark.image`` and ``mark.font``
    name. The warning says that the mark, or part of it, could not be drawn. Raises ``OSError`` or
    ``ValueError`` when one of the mark's files is missing or cannot be read.
    """
    files = folder or Path()
    upright = _proportions(mark, files)
    if not upright[0]:
        return f"{NOT_DRAWN}: its text is empty, or its font has no such characters"
    margin = round(mark.margin * min(image.size))
    scale = _scale(mark, image.size, _turned(upright, mark.angle), margin)
    if scale < LEGIBLE_PIXELS:
        return f"{NOT_DRAWN}: {image.width}x{image.height} pixels are too few to bear it"
    mode = "LA" if image.mode in ("L", "LA") else "RGBA"
    profile = image.info.get("icc_profile", b"") if mark.image else b""
    stamp = _stamp(mark, files, scale, mode, profile)
    for spot in _spots(
        mark, image.size, stamp.size, (upright[0] * scale, upright[1] * scale), margin
    ):
        _lay(image, stamp, spot)
    return _left_out(mark, files)


def _scale(mark: Watermark, size: tuple[int, int], unit: tuple[float, float], margin: int) -> int:
    """Return the upright mark's height in pixels: what is asked for, or the most that fits."""
    room = [side - 2 * margin for side in size]
    return int(min(mark.size * min(size), room[0] / unit[0], room[1] / unit[1]))


def _turned(size: tuple[float, float], angle: float) -> tuple[float, float]:
    across, along = abs(cos(radians(angle))), abs(sin(radians(angle)))
    return size[0] * across + size[1] * along, size[0] * along + size[1] * across


def _left_out(mark: Watermark, files: Path) -> str | None:
    lost = "" if mark.image else text.missing(mark.text, _font(mark, files))
    return f"watermark drawn without {lost!r}: its font has no such characters" if lost else None


def _lay(image: Image.Image, stamp: Image.Image, spot: tuple[int, int]) -> None:
    if image.mode == stamp.mode:
        box = (*spot, spot[0] + stamp.width, spot[1] + stamp.height)
        image.paste(Image.alpha_composite(image.crop(box), stamp), box)
    else:
        image.paste(stamp, spot, stamp)


def _spots(
    mark: Watermark,
    size: tuple[int, int],
    stamp: tuple[int, int],
    upright: tuple[float, float],
    margin: int,
) -> Iterator[tuple[int, int]]:
    """Yield the top left corners at which the stamp goes.

    One by gravity, or a brickwork that turns with the mark.
    """
    if not mark.tiled:
        yield _corner(size, stamp, mark.gravity, margin)
        return
    for across, down in _bricks(upright, mark.angle, hypot(*size) / 2):
        x, y = round((size[0] - stamp[0]) / 2 + across), round((size[1] - stamp[1]) / 2 + down)
        if -stamp[0] < x < size[0] and -stamp[1] < y < size[1]:
            yield x, y


def _corner(
    size: tuple[int, int], stamp: tuple[int, int], gravity: str, margin: int
) -> tuple[int, int]:
    spare = (size[0] - stamp[0], size[1] - stamp[1])
    x = margin if "west" in gravity else spare[0] - margin if "east" in gravity else spare[0] // 2
    y = margin if "north" in gravity else spare[1] - margin if "south" in gravity else spare[1] // 2
    return x, y


def _bricks(
    upright: tuple[float, float], angle: float, reach: float
) -> Iterator[tuple[float, float]]:
    """Yield the offsets from the centre, in pixels, of the marks that lie within ``reach`` of it.

    Every second row is shifted by half.
    """
    along, below = upright[0] + 2 * upright[1], 4 * upright[1]
    columns, rows = ceil(reach / along) + 1, ceil(reach / below) + 1
    cosine, sine = cos(radians(angle)), sin(radians(angle))
    for row, column in product(range(-rows, rows + 1), range(-columns, columns + 1)):
        x, y = (column + row % 2 / 2) * along, row * below
        yield x * cosine + y * sine, y * cosine - x * sine


def _font(mark: Watermark, files: Path) -> Path:
    return files / mark.font if mark.font else font.BUNDLED


@lru_cache(maxsize=4)
def _artwork(mark: Watermark, files: Path, height: int) -> Image.Image:
    """Return the mark upright and opaque: a text of ``height`` pixels an em, or its image."""
    if mark.image:
        with Image.open(files / mark.image, formats=("PNG",)) as opened:
            return opened.convert("RGBA")
    return text.render(mark.text, _font(mark, files), height, mark.color, mark.outline)


@lru_cache(maxsize=8)
def _proportions(mark: Watermark, files: Path) -> tuple[float, float]:
    """Return the upright mark's width and height in units of its size setting.

    That is the em of a text, the height of an image.
    """
    artwork = _artwork(mark, files, _FINE_PIXELS)
    unit = artwork.height if mark.image else _FINE_PIXELS
    return artwork.width / unit, artwork.height / unit


@lru_cache(maxsize=16)
def _stamp(mark: Watermark, files: Path, scale: int, mode: str, profile: bytes) -> Image.Image:
    """Return the mark as it is pasted: turned, faded, ``scale`` pixels high before the turn.

    An image's colours are brought from sRGB to a picture's with this ``profile``.
    """
    artwork = _artwork(mark, files, min(max(scale, _FINE_PIXELS), _COARSE_PIXELS))
    upright = _proportions(mark, files)
    twice = [
        min(have, ceil(2 * scale * part)) for have, part in zip(artwork.size, upright, strict=True)
    ]
    turned = artwork.resize(twice, _SMOOTH).rotate(
        mark.angle, Image.Resampling.BICUBIC, expand=True
    )
    width, height = _turned(upright, mark.angle)
    stamp = turned.resize((max(1, int(width * scale)), max(1, int(height * scale))), _SMOOTH)
    stamp.putalpha(
        stamp.getchannel("A").point([round(level * mark.opacity) for level in range(256)])
    )
    return (_meant(stamp, profile) if profile else stamp).convert(mode)


def _meant(stamp: Image.Image, profile: bytes) -> Image.Image:
    from PIL import ImageCms

    target = ImageCms.ImageCmsProfile(BytesIO(profile))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return ImageCms.ImageCmsTransform(srgb, target, "RGBA", "RGBA").apply(stamp)
