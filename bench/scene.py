"""A picture like a photograph, drawn from a seed."""

from __future__ import annotations

import random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFont

_SEED: Final = 20240229


_OCTAVES: Final = (*("RGB",) * 4, *("L",) * 4)


def scene(size: tuple[int, int], *, alpha: bool) -> Image.Image:
    """Draw clouds of every scale, hard edges, text and mild sensor noise, the same on every run.

    ``RGBA`` with ``alpha``.
    """
    rng = random.Random(_SEED)
    picture = _clouds(size, rng)
    _edges(ImageDraw.Draw(picture), size, rng)
    _text(ImageDraw.Draw(picture), size, rng)
    picture = _noise(picture, rng)
    if alpha:
        picture.putalpha(
            Image.radial_gradient("L")
            .resize(size, Image.Resampling.BICUBIC)
            .point(lambda v: min(255, 2 * (255 - int(v))))
        )
    return picture


def _clouds(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """Blend coloured noise of ever finer grain, each octave fainter.

    So the spectrum of photographs falls with frequency, too.
    """
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    for octave, mode in enumerate(_OCTAVES):
        cells = (4 * 2**octave, 3 * 2**octave)
        grain = Image.frombytes(mode, cells, rng.randbytes(cells[0] * cells[1] * len(mode)))
        picture = Image.blend(
            picture,
            grain.resize(size, Image.Resampling.BICUBIC).convert("RGB"),
            0.5 / (1 + octave / 1.5) ** 1.3,
        )
    return picture


def _edges(draw: ImageDraw.ImageDraw, size: tuple[int, int], rng: random.Random) -> None:
    for _ in range(60):
        x, y, reach = rng.randrange(size[0]), rng.randrange(size[1]), size[0] // rng.randint(12, 60)
        colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
        draw.polygon(
            [(x + rng.randint(-reach, reach), y + rng.randint(-reach, reach)) for _ in range(4)],
            fill=colour,
        )
        draw.line(
            [(x, y), (x + 2 * reach, y + rng.randint(-reach, reach))],
            fill=colour,
            width=max(1, size[0] // 800),
        )


def _text(draw: ImageDraw.ImageDraw, size: tuple[int, int], rng: random.Random) -> None:
    for height in (size[1] // 12, size[1] // 30, size[1] // 60):
        place = (rng.randrange(size[0] // 2), rng.randrange(size[1] * 3 // 4))
        draw.text(
            place,
            "The quick brown fox\njumps over 0123456789",
            font=ImageFont.load_default(height),
            fill=(20, 20, 30),
        )


def _noise(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Add what a sensor adds: about two levels of grain, the same in all channels."""
    grain = Image.frombytes("L", picture.size, rng.randbytes(picture.width * picture.height)).point(
        lambda v: 125 + int(v) * 7 // 256
    )
    return ImageChops.add(picture, grain.convert("RGB"), scale=1, offset=-128)
