"""Conversion: a picture of any mode and meaning in, an sRGB one out, of L, LA, RGB or RGBA."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

    from handler.image.colour.space import HighRange, Space
    from handler.image.colour.told import Meaning

_READY: Final = ("L", "LA", "RGB", "RGBA")
_COLOURED: Final = {"L": "RGB", "LA": "RGBA"}


def resamplable(image: Image.Image) -> Image.Image:
    """Return ``image`` in a mode whose numbers may be averaged: no palette, 8 bits a channel."""
    if image.mode in ("1", "L", "RGB", "P", "PA"):
        return _expanded(image)
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image)
    return image


def _expanded(image: Image.Image) -> Image.Image:
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode in ("1", "L"):
        return image.convert("LA" if "transparency" in image.info else "L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return ``image`` as L, scaled to 8 bits rather than clipped.

    I and F do not say what their white is: it is the nearest usual one above the peak.
    """
    image.info.pop("transparency", None)
    numbers = image if image.mode == "F" else image.convert("I")
    white = 65535.0 if image.mode.startswith("I;16") else _white(numbers)
    return numbers.point(lambda value: value * (255 / white) + 0.5).convert("L")


def _white(numbers: Image.Image) -> float:
    peak = float(numbers.getextrema()[1])  # type: ignore[arg-type]
    usual = (1.0, 255.0, 65535.0) if numbers.mode == "F" else (255.0, 65535.0)
    return next((white for white in usual if peak <= white), peak)


def to_srgb(image: Image.Image, meaning: Meaning) -> Image.Image:
    """Return ``image``, whose numbers have this ``meaning``, in sRGB, as L, LA, RGB or RGBA.

    The profile it came with is gone, and so is an alpha that hides nothing.
    """
    plain = _meant(image, meaning) or _converted(image)
    plain.info = {}
    if plain.mode in ("LA", "RGBA") and plain.getchannel("A").getextrema() == (255, 255):
        return plain.convert(plain.mode[:-1])
    return plain


def _converted(image: Image.Image) -> Image.Image:
    if image.mode in _READY:
        return image
    return image.convert({"La": "LA", "RGBa": "RGBA"}.get(image.mode, "RGB"))


def _meant(image: Image.Image, meaning: Meaning) -> Image.Image | None:
    """Convert by the meaning; ``None`` where that changes nothing or does not fit the picture."""
    if meaning is None or image.mode == "LAB":
        return None
    from handler.image.colour.space import HighRange

    numbers = image if image.mode == "CMYK" else _converted(image)
    if isinstance(meaning, HighRange):
        numbers = numbers.convert(_COLOURED.get(numbers.mode, numbers.mode))
    transform = _transform(meaning, numbers.mode)
    return _applied(transform, numbers) if transform else None


def _applied(transform: ImageCmsTransform, image: Image.Image) -> Image.Image:
    if image.mode not in ("L", "LA"):
        return transform.apply(image)
    grey = transform.apply(image.getchannel("L")).convert("L")
    return Image.merge("LA", (grey, image.getchannel("A"))) if image.mode == "LA" else grey


@lru_cache(maxsize=8)
def _transform(meaning: bytes | Space | HighRange, mode: str) -> ImageCmsTransform | None:
    """Return what makes sRGB of ``mode``, ``None`` if nothing does or need be done.

    Building one costs as much as using it, and one camera's pictures share one profile.
    """
    from handler.image.colour import profile
    from handler.image.colour.space import SRGB

    grey = mode in ("L", "LA")
    data = _profile(meaning, grey=grey)
    if profile.is_srgb(data) or not profile.is_whole(data):
        return None
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(data))
        target = ImageCms.ImageCmsProfile(BytesIO(profile.written(SRGB, grey=False)))
        return ImageCms.ImageCmsTransform(
            source, target, "L" if grey else mode, "RGBA" if mode == "RGBA" else "RGB"
        )
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None


def _profile(meaning: bytes | Space | HighRange, *, grey: bool) -> bytes:
    if isinstance(meaning, bytes):
        return meaning
    from handler.image.colour import profile, tone
    from handler.image.colour.space import HighRange

    return (
        tone.profile(meaning)
        if isinstance(meaning, HighRange)
        else profile.written(meaning, grey=grey)
    )
