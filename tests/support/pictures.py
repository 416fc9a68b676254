"""Sources the image tests draw themselves, and what they read back from the results."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image

from handler.image import Picture, render
from handler.recipe import Limits, Recipe, Rendition

if TYPE_CHECKING:
    from collections.abc import Sequence

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 60), (40, 60, 210), (230, 210, 40)


DEFAULTS = Limits()


def saved(image: Image.Image, name: str, **options: Any) -> bytes:
    """Return ``image`` as a file of Pillow's format ``name``."""
    stream = BytesIO()
    image.save(stream, name, **options)
    return stream.getvalue()


def quarters(width: int = 120, height: int = 80) -> Image.Image:
    """A picture whose corners tell which way up it is: red, green / blue, yellow."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """Return the colours an eighth inside the corners: both top ones, then both bottom ones.

    Left before right.
    """
    rgb, across, down = image.convert("RGB"), image.width // 8, image.height // 8
    spots = [
        (x, y) for y in (down, image.height - 1 - down) for x in (across, image.width - 1 - across)
    ]
    return [colour for spot in spots if isinstance(colour := rgb.getpixel(spot), tuple)]


def far(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> float:
    """Return the largest difference between two lists of colours, in any channel."""
    return max(
        abs(a - b)
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def rendition(**settings: Any) -> Rendition:
    """A rendition without a watermark, so that the colours are the source's."""
    return Rendition(**{"watermark": None, **settings})


def rendered(source: bytes, limits: Limits = DEFAULTS, **settings: Any) -> Picture:
    """Render one unmarked rendition."""
    (picture,) = render(source, Recipe((rendition(**settings),), limits))
    return picture


def seen(picture: Picture) -> Image.Image:
    """Return the picture as a viewer decodes it."""
    return Image.open(BytesIO(picture.body))
