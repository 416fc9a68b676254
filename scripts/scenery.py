"""What landscapes are drawn with: light, skies, ridges and trees."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]


Size = tuple[int, int]


@dataclass(frozen=True)
class Light:
    """The colours of an hour: of the sky above and at the horizon, of the sun, of what is near."""

    zenith: Colour
    horizon: Colour
    sun: Colour
    near: Colour


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return the colour that lies ``share`` of the way from ``one`` to ``other``."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def gradient(size: Size, above: Colour, below: Colour) -> Image.Image:
    """Return a picture that goes from one colour to another."""
    column = Image.new("RGB", (1, 256))
    for y in range(256):
        column.putpixel((0, y), mixed(above, below, (y / 255) ** 0.8))
    return column.resize(size, Image.Resampling.BICUBIC)


def sky(chance: Random, size: Size, light: Light) -> Image.Image:
    """Return the sky of an hour, with its sun."""
    width, height = size
    picture = gradient(size, light.zenith, light.horizon)
    x, y = width * chance.uniform(0.25, 0.75), height * chance.uniform(0.35, 0.5)
    for spread, strength in ((0.35, 120), (0.1, 150), (0.018, 255)):
        mask = Image.new("L", size)
        radius = min(size) * spread
        circle = (x - radius, y - radius, x + radius, y + radius)
        ImageDraw.Draw(mask).ellipse(circle, fill=strength)
        soft = mask.filter(ImageFilter.GaussianBlur(radius / 2.5))
        picture.paste(Image.new("RGB", size, light.sun), mask=soft)
    return picture


def ridge(chance: Random, width: int, level: float, rough: float) -> list[float]:
    """Return the heights of a ridge by midpoint displacement."""
    heights = [chance.uniform(-1, 1) * rough / 2, chance.uniform(-1, 1) * rough / 2]
    spread = rough
    while len(heights) < width:
        middles = [
            (one + other) / 2 + chance.uniform(-1, 1) * spread / 2
            for one, other in pairwise(heights)
        ]
        heights = [each for pair in zip(heights, middles, strict=False) for each in pair] + heights[
            -1:
        ]
        spread *= 0.52
    step = (len(heights) - 1) / width
    return [level + heights[round(x * step)] for x in range(width)]


def fill_below(picture: Image.Image, edge: list[float], colour: Colour, blur: float = 0.7) -> None:
    """Paint what lies below an edge, which is a little blurred."""
    width, height = picture.size
    mask = Image.new("L", picture.size)
    outline = [(0, height), *((x, edge[x]) for x in range(len(edge))), (width, height)]
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(blur))
    picture.paste(Image.new("RGB", picture.size, colour), mask=mask)


def fir(chance: Random, pen: ImageDraw.ImageDraw, foot: tuple[float, float], tall: float) -> None:
    """Draw a fir that stands at ``foot``."""
    x, y = foot
    pen.rectangle((x - tall / 60, y - tall / 4, x + tall / 60, y + tall / 8), fill=255)
    for storey in range(9):
        top, half = y - tall + tall * storey / 10, tall * (0.03 + 0.022 * storey)
        lean = half * chance.uniform(-0.2, 0.2)
        pen.polygon(
            [(x, top), (x - half + lean, top + tall / 6), (x + half + lean, top + tall / 6)],
            fill=255,
        )
