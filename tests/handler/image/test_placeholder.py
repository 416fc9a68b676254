"""Placeholders: the ThumbHash as its author's code has it, and the colour there is most of."""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from handler.image.placeholder import placeholder
from tests.support.pictures import quarters, rendered, saved


def slopes(mode: str, width: int, height: int) -> Image.Image:
    """A picture whose numbers follow from where they are."""
    size = len(mode)
    values = bytes(
        (x * 11 + y * 7 * (channel + 1) + channel * 40) % 256
        for y in range(height)
        for x in range(width)
        for channel in range(size)
    )
    return Image.frombytes(mode, (width, height), values)


# What npm's thumbhash 0.1.1 makes of these.
AS_ITS_AUTHOR = {
    ("RGB", 20, 15): "IAgGLZADWnc4Vohos3iCdnQIBFRm",
    ("RGB", 12, 20): "4AcGJBZwVmR4hFY4Z4aAgzAIqA==",
    ("RGBA", 20, 15): "XwiCHIoXBGgWRnZyVEcgUGiUaYh5Z7v6CA==",
    ("RGBA", 20, 20): "nwiCDQgIBoYXZlZliAAxRHJwPITFX9g03w==",
}


@pytest.mark.parametrize("case", AS_ITS_AUTHOR)
def test_a_thumbhash_is_its_authors(case: tuple[str, int, int]) -> None:
    """To the bit, of pictures that are looked at as they are."""
    assert placeholder(slopes(*case)).thumbhash == AS_ITS_AUTHOR[case]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["L", "LA", "RGB", "RGBA", "P"]),
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 255),
)
def test_every_picture_has_one(mode: str, width: int, height: int, level: int) -> None:
    """Of any mode and shape, one that shows nothing among them, in at most 30 bytes."""
    image = Image.new(mode, (width, height), level if mode in ("L", "P") else (level,) * len(mode))
    found = placeholder(image)
    assert 5 <= len(b64decode(found.thumbhash)) <= 30
    assert len(found.colour) == len("#rrggbb")


def test_the_colour_is_the_most_frequent_and_not_the_average() -> None:
    """And what does not show does not count."""
    image = Image.new("RGB", (100, 100), "#c81e1e")
    image.paste("#1e1ec8", (0, 0, 100, 40))
    assert placeholder(image).colour == "#c81e1e"
    image.putalpha(Image.new("L", (100, 100), 255))
    image.paste((0xC8, 0x1E, 0x1E, 0), (0, 40, 100, 100))
    assert placeholder(image).colour == "#1e1ec8"


def test_it_is_the_results() -> None:
    """Which is upright, cut and marked."""
    made = rendered(saved(quarters(), "PNG"), width=60, height=80, fit="cover", gravity="west")
    left = quarters().crop((0, 0, 60, 80))
    assert (made.thumbhash, made.colour) == placeholder(left)
