"""Icons: of several pictures that of most colours, and transparency as browsers see it."""

from __future__ import annotations

import itertools
import struct

import pytest
from PIL import Image

from tests.support.pictures import rendered, saved, seen

SIDE = 32
TONES = {1: (200, 30, 60), 8: (30, 200, 60), 24: (60, 30, 200), 32: (250, 200, 20)}


def bitmap(depth: int, alpha: int, *, masked: bool) -> bytes:
    """A picture of one colour, its left half hidden by its mask if it is ``masked``."""
    red, green, blue = TONES[depth]
    head = struct.pack("<I2i2H6I", 40, SIDE, 2 * SIDE, 1, depth, *[0] * 6)
    colour = bytes([blue, green, red])
    palette = (colour + b"\0") * (1 << depth) if depth <= 8 else b""
    pixel = {24: colour, 32: colour + bytes([alpha])}.get(depth, b"\0")
    pixels = pixel * SIDE * SIDE if depth >= 8 else bytes(SIDE * SIDE // 8)
    return head + palette + pixels + (b"\xff\xff\0\0" if masked else bytes(4)) * SIDE


def icon(*pictures: tuple[int, bytes], told: int | None = None) -> bytes:
    """An icon of pictures of one size; ``told`` is the depth that its directory gives."""
    at, entries = 6 + 16 * len(pictures), b""
    for depth, body in pictures:
        bits = depth if told is None else told
        entries += struct.pack("<4B2H2I", SIDE, SIDE, 0, 0, 1, bits, len(body), at)
        at += len(body)
    return struct.pack("<3H", 0, 1, len(pictures)) + entries + b"".join(b for _, b in pictures)


def shown(source: bytes) -> Image.Image:
    """The result, with alpha."""
    return seen(rendered(source, format="png")).convert("RGBA")


@pytest.mark.parametrize("depths", list(itertools.permutations((1, 8, 32))))
def test_of_pictures_of_one_size_that_of_most_colours_is_shown(depths: tuple[int, ...]) -> None:
    """As classic icons have them, in any order."""
    pictures = [(depth, bitmap(depth, 255, masked=False)) for depth in depths]
    assert shown(icon(*pictures)).getcolors() == [(SIDE * SIDE, (*TONES[32], 255))]


@pytest.mark.parametrize("depth", [1, 8, 24, 32])
def test_what_has_no_alpha_goes_by_its_mask(depth: int) -> None:
    """One of 32 bits whose alpha is 0 everywhere has none."""
    image = shown(icon((depth, bitmap(depth, 0, masked=True))))
    alpha = image.getchannel("A")
    assert alpha.crop((0, 0, SIDE // 2, SIDE)).getextrema() == (0, 0)
    assert alpha.crop((SIDE // 2, 0, SIDE, SIDE)).getextrema() == (255, 255)
    assert image.getpixel((SIDE - 1, 0)) == (*TONES[depth], 255)


@pytest.mark.parametrize("told", [0, 24, 32])
def test_alpha_is_seen_in_the_pixels_whatever_the_directory_says(told: int) -> None:
    """Half of it, everywhere, and the mask hides nothing."""
    image = shown(icon((32, bitmap(32, 128, masked=True)), told=told))
    assert image.getchannel("A").getextrema() == (128, 128)


def test_a_png_within_is_shown_with_its_alpha() -> None:
    """Whatever depth is told of it."""
    body = saved(Image.new("RGBA", (SIDE, SIDE), (10, 20, 30, 90)), "PNG")
    assert shown(icon((32, body), told=0)).getpixel((3, 3)) == (10, 20, 30, 90)
