"""Conversion: a picture of any mode and meaning in, one in sRGB or P3 out, L, LA, RGB or RGBA."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.ImageCms import ImageCmsTransform

    from handler.image.colour.space import Space
    from handler.image.colour.told import Meaning

    _Apply = Callable[[ImageCmsTransform, Image.Image], Image.Image]

_READY: Final = ("L", "LA", "RGB", "RGBA")
# Where a profile's header tells its colour space, ICC.1 7.2.
_GREY_SPACE: Final = b"GRAY"
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


def converted(image: Image.Image, meaning: Meaning, colour: str) -> Image.Image:
    """Return ``image``, whose numbers have this ``meaning``, as L, LA, RGB or RGBA.

    ``colour`` is one of ``COLOURS``: ``srgb``, or ``p3`` where the picture may hold colours beyond
    sRGB; such a one carries P3's profile. The profile it came with is gone, and so is an alpha that
    hides nothing.
    """
    return _in_colour(image, meaning, colour, _anew)


def overwritten(image: Image.Image, meaning: Meaning, colour: str) -> Image.Image:
    """Return what ``converted`` does, in the place of ``image`` where that has as many channels.

    That takes a tenth less time.
    """
    return _in_colour(image, meaning, colour, _in_place)


def _in_colour(image: Image.Image, meaning: Meaning, colour: str, apply: _Apply) -> Image.Image:
    wide = _wide(image, meaning, apply) if colour == "p3" else None
    plain = wide or _meant(image, meaning, "srgb", apply) or _converted(image)
    plain.info = {"icc_profile": _p3()} if wide else {}
    if plain.mode in ("LA", "RGBA") and plain.getchannel("A").getextrema() == (255, 255):
        return plain.convert(plain.mode[:-1])
    return plain


def _wide(image: Image.Image, meaning: Meaning, apply: _Apply) -> Image.Image | None:
    from handler.image.colour import wide

    return _meant(image, meaning, "p3", apply) if wide.is_wide(meaning) else None


def _p3() -> bytes:
    from handler.image.colour import wide

    return wide.published()


def _converted(image: Image.Image) -> Image.Image:
    if image.mode in _READY:
        return image
    return image.convert({"La": "LA", "RGBa": "RGBA"}.get(image.mode, "RGB"))


def _meant(image: Image.Image, meaning: Meaning, colour: str, apply: _Apply) -> Image.Image | None:
    """Convert by the meaning; ``None`` where that changes nothing or does not fit the picture."""
    if meaning is None or image.mode == "LAB":
        return None
    from handler.image.colour.space import HighRange

    numbers = image if image.mode == "CMYK" else _converted(image)
    if isinstance(meaning, bytes) and meaning[16:20] == _GREY_SPACE and _is_grey(numbers):
        numbers = numbers.convert("LA")
    if isinstance(meaning, HighRange):
        from handler.image.colour import tone

        mode = _COLOURED.get(numbers.mode)
        coloured = numbers.convert(mode) if mode else numbers
        return tone.shown(coloured, meaning, _space(colour).primaries)
    transform = _transform(meaning, numbers.mode, colour)
    return _applied(transform, numbers, apply) if transform else None


def _is_grey(image: Image.Image) -> bool:
    """Say whether ``image`` is what Pillow makes of a PNG's 16 bits of grey and alpha."""
    if image.mode != "RGBA":
        return False
    red, green, blue, _ = image.split()
    return red.tobytes() == green.tobytes() == blue.tobytes()


def _anew(transform: ImageCmsTransform, image: Image.Image) -> Image.Image:
    return transform.apply(image)


def _in_place(transform: ImageCmsTransform, image: Image.Image) -> Image.Image:
    same = transform.input_mode == transform.output_mode
    return transform.apply_in_place(image) if same else transform.apply(image)


def _applied(transform: ImageCmsTransform, image: Image.Image, apply: _Apply) -> Image.Image:
    if image.mode not in ("L", "LA"):
        return apply(transform, image)
    grey = transform.apply(image.getchannel("L")).convert("L")
    return Image.merge("LA", (grey, image.getchannel("A"))) if image.mode == "LA" else grey


@lru_cache(maxsize=8)
def _transform(meaning: bytes | Space, mode: str, colour: str) -> ImageCmsTransform | None:
    """Return what makes ``colour`` of ``mode``, ``None`` if nothing does or need be done.

    Building one costs as much as using it, and one camera's pictures share one profile.
    """
    from handler.image.colour import profile

    grey = mode in ("L", "LA")
    target = _space(colour)
    data = meaning if isinstance(meaning, bytes) else profile.written(meaning, grey=grey)
    if profile.is_srgb(data) or not profile.is_whole(data):
        return None
    from PIL import ImageCms

    try:
        return ImageCms.ImageCmsTransform(
            ImageCms.ImageCmsProfile(BytesIO(data)),
            ImageCms.ImageCmsProfile(BytesIO(profile.written(target, grey=False))),
            "L" if grey else mode,
            "RGBA" if mode == "RGBA" else "RGB",
        )
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None


def _space(colour: str) -> Space:
    if colour == "p3":
        from handler.image.colour.wide import P3

        return P3
    from handler.image.colour.space import SRGB

    return SRGB
