"""Channels of numbers that are no levels yet, mode F, as levels of 8 bits."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PIL import Image, ImageMath

from handler.image import levels

_LIGHTEST: Final = 65535
# Of alpha, below which nothing is seen.
_LEAST_ALPHA: Final = 1 / 512


def divided(channel: Image.Image, alpha: Image.Image) -> Image.Image:
    """Return the light itself of what is multiplied by ``alpha``: sRGB's curve is for that."""
    light: Image.Image = ImageMath.lambda_eval(
        lambda of: of["light"] / of["max"](of["alpha"], _LEAST_ALPHA), light=channel, alpha=alpha
    )
    return light


def scaled(channel: Image.Image, white: float) -> Image.Image:
    """Return numbers from 0 to ``white`` as levels from 0 to 255."""
    return channel.point(lambda value: value * (255 / white) + 0.5).convert("L")


def of_light(channel: Image.Image, white: float) -> Image.Image:
    """Return what sRGB calls each pixel's light; 16 bits are enough for the darkest."""
    levels_of_light = channel.point(lambda value: value * (_LIGHTEST / white) + 0.5).convert("I")
    return levels_of_light.point(_srgb_numbers(), "L")


@lru_cache(maxsize=1)
def _srgb_numbers() -> list[int]:
    return [round(255 * levels.srgb_number(level / _LIGHTEST)) for level in range(_LIGHTEST + 1)]


def peak(channel: Image.Image) -> float:
    """Return the greatest number of a channel."""
    return float(channel.getextrema()[1])  # type: ignore[arg-type]
