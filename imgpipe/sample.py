"""A picture for who has none at hand: a sunset over ridges, drawn here, so that a demonstration needs no file."""

from __future__ import annotations

import io
import random
from itertools import pairwise
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

SIZE: Final = (2400, 1600)
_SKY: Final = ((24, 32, 84), (236, 122, 72), (255, 214, 140))
_RIDGES: Final = ((120, 84, 120), (82, 62, 104), (48, 42, 78), (22, 22, 44))


def draw(seed: int = 7) -> bytes:
    """Return the picture as a JPEG of ``SIZE`` pixels; the same ``seed`` gives the same picture."""
    chance = random.Random(seed)
    picture = _sky()
    pen = ImageDraw.Draw(picture)
    pen.ellipse((1560, 620, 1860, 920), fill=(255, 244, 214))
    picture = picture.filter(ImageFilter.GaussianBlur(6))
    pen = ImageDraw.Draw(picture)
    for level, colour in enumerate(_RIDGES):
        ridge = _ridge(chance, height=900 + level * 170, roughness=150 - level * 20)
        pen.polygon([(0, SIZE[1]), *ridge, SIZE], fill=colour)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=88)
    return stream.getvalue()


def _sky() -> Image.Image:
    strip = Image.new("RGB", (1, len(_SKY)))
    strip.putdata(_SKY)
    return strip.resize(SIZE, Image.Resampling.BICUBIC)


def _ridge(chance: random.Random, height: int, roughness: float) -> list[tuple[int, int]]:
    """Return a skyline from left to right by midpoint displacement."""
    heights = [height + chance.uniform(-roughness, roughness) for _ in range(2)]
    while len(heights) < 129:
        middles = [
            (a + b) / 2 + chance.uniform(-roughness, roughness) for a, b in pairwise(heights)
        ]
        heights = [
            value for pair in zip(heights, middles, strict=False) for value in pair
        ] + heights[-1:]
        roughness /= 2
    step = SIZE[0] / (len(heights) - 1)
    return [(round(index * step), round(value)) for index, value in enumerate(heights)]
