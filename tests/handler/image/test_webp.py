"""Still WebP: decoded in one buffer, to the very pixels that Pillow decodes."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.WebPImagePlugin import WebPImageFile

from handler.image import webp
from handler.image.picture import Damaged
from tests.support.pictures import quarters, saved


def still(**options: Any) -> bytes:
    """A WebP with soft edges, and transparency if asked for."""
    image = quarters(301, 203).resize((151, 102), Image.Resampling.BICUBIC)
    if options.pop("alpha", False):
        image.putalpha(Image.radial_gradient("L").resize(image.size))
    return saved(image, "WEBP", **options)


@pytest.mark.parametrize(
    "options",
    [{}, {"lossless": True}, {"alpha": True}, {"alpha": True, "lossless": True, "exact": True}],
)
def test_the_pixels_are_pillows(options: dict[str, Any]) -> None:
    """Lossy or lossless, with or without alpha: the pixels are those of Pillow's own decoder."""
    data = still(**options)
    image = webp.decoded(data, WebPImageFile(BytesIO(data)))
    assert image is not None
    assert image.convert("RGBA").tobytes() == Image.open(BytesIO(data)).convert("RGBA").tobytes()


def test_an_animation_is_left_to_pillow() -> None:
    """More than one frame needs the canvases that a still does not."""
    data = saved(quarters(), "WEBP", save_all=True, append_images=[quarters().rotate(180)])
    assert webp.decoded(data, WebPImageFile(BytesIO(data))) is None


def test_damaged_pixels_are_an_error() -> None:
    """A file whose header is whole and whose pixels are not raises."""
    data = still(lossless=True)
    opened = WebPImageFile(BytesIO(data))
    with pytest.raises(Damaged, match="its data cannot be read"):
        webp.decoded(data[:60], opened)
