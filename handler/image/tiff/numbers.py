"""Channels of numbers that are no levels yet, mode F, as levels of 8 bits."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageMath

from handler.image import levels

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
    """Return what sRGB calls each pixel's light."""
    steps = channel.point(lambda value: value * (levels.LIGHTEST / white) + 0.5).convert("I")
    return steps.point(levels.srgb_numbers(), "L")


def peak(channel: Image.Image) -> float:
    """Return the greatest number of a channel."""
    return float(channel.getextrema()[1])  # type: ignore[arg-type]
