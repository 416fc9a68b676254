"""A PNG whose rows are told by the mean of their neighbours is the picture, and little larger."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from handler.image import averaged
from tests.handler.image.test_render import photo
from tests.support.pictures import saved

pytestmark = pytest.mark.slow

MODES = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}
sizes = st.integers(1, 9) | st.sampled_from([127, 128, 129, 257])


def pillows(image: Image.Image, **options: Any) -> bytes:
    """Pillow's own PNG, as results were written before."""
    return saved(image, "PNG", compress_level=1, compress_type=3, **options)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(MODES)), sizes, sizes, st.integers(0, 2**32))
def test_every_pixel_is_what_it_was(mode: str, width: int, height: int, seed: int) -> None:
    """In every mode, at every border between bands, whatever the numbers."""
    pixels = Random(seed).randbytes(width * height * MODES[mode])
    image = Image.frombytes(mode, (width, height), pixels)
    read = Image.open(BytesIO(averaged.written(image, pillows)))
    assert (read.mode, read.size, read.tobytes()) == (mode, image.size, pixels)


def test_all_that_is_said_beside_pixels_is_said() -> None:
    """Profile, EXIF and texts, even where one of them looks like the pixels' chunk."""
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", "a packet with IDAT in it")
    exif = Image.Exif()
    exif[0x8298] = "IDAT and IEND"
    options: dict[str, Any] = {"exif": exif, "pnginfo": texts, "icc_profile": b"IDAT" * 40}
    image = photo(90, 70)
    read = PngImagePlugin.PngImageFile(
        BytesIO(averaged.written(image, partial(pillows, **options)))
    )
    assert read.tobytes() == image.tobytes()
    assert (read.info["icc_profile"], read.text) == (
        b"IDAT" * 40, {"XML:com.adobe.xmp": "a packet with IDAT in it"},
    )  # fmt: skip
    assert read.getexif()[0x8298] == "IDAT and IEND"


@pytest.mark.parametrize("alpha", [False, True])
def test_a_photograph_is_hardly_larger_than_by_the_best_of_five(*, alpha: bool) -> None:
    """A twentieth at most, for half of the time."""
    image = photo(400, 300)
    if alpha:
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    assert len(averaged.written(image, pillows)) <= 1.05 * len(pillows(image))
