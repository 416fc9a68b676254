"""Colours beyond sRGB: which pictures may hold them, and Display P3, which keeps most."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from handler.image.colour import profile
from handler.image.colour.space import (
    PRIMARIES,
    SRGB,
    SRGB_CURVE,
    Matrix,
    Space,
    adapted,
    inverse,
    product,
    times,
    to_xyz,
)
from handler.image.levels import srgb_number

if TYPE_CHECKING:
    from handler.image.colour.told import Meaning
    from handler.recipe import Rendition

P3: Final = Space(PRIMARIES[12], SRGB_CURVE)
_GREY: Final = b"GRAY"
# What of a colour, in linear sRGB, counts as beyond it: less is the rounding of profiles.
_BEYOND: Final = 0.01


def is_wide(meaning: Meaning) -> bool:
    """Say whether a picture of this meaning may hold colours that sRGB cannot show."""
    if meaning is None:
        return False
    if not isinstance(meaning, bytes):
        return _beyond(adapted(meaning.primaries, profile.D50))
    if profile.is_srgb(meaning) or meaning[16:20] == _GREY:
        return False
    matrix = profile.colorants(meaning)
    return matrix is None or _beyond(matrix)


def _beyond(matrix: Matrix) -> bool:
    """Say whether any of a space's colours, as XYZ under D50, has a negative part in sRGB."""
    mixed = product(inverse(adapted(SRGB.primaries, profile.D50)), matrix)
    return min(value for row in mixed for value in row) < -_BEYOND


@lru_cache(maxsize=1)
def published() -> bytes:
    """Return the profile that a picture in Display P3 carries."""
    return profile.published(P3, "Display P3")


def painted(rendition: Rendition) -> Rendition:
    """Return ``rendition`` with its colours, which people write in sRGB, in P3's numbers."""
    mark = rendition.watermark and replace(
        rendition.watermark,
        color=_in_p3(rendition.watermark.color),
        outline=_in_p3(rendition.watermark.outline),
    )
    return replace(rendition, background=_in_p3(rendition.background), watermark=mark)


def _in_p3(colour: str) -> str:
    red, green, blue = (SRGB_CURVE.light(value / 255) for value in bytes.fromhex(colour[1:]))
    xyz = times(to_xyz(SRGB.primaries), (red, green, blue))
    light = times(inverse(to_xyz(P3.primaries)), xyz)
    return "#" + bytes(round(255 * srgb_number(value)) for value in light).hex()
