"""PNG: what Pillow gets wrong of transparency and of frames, as Chromium shows it."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from PIL import Image

from tests.support import pngs
from tests.support.pictures import rendered, saved, seen


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("clear", ["black", "middle", "white"])
def test_the_transparent_level_of_grey_is_transparent_at_every_depth(bits: int, clear: str) -> None:
    """The pixels of that level, and no others."""
    white = 2**bits - 1
    level = {"black": 0, "middle": white // 2, "white": white}[clear]
    rng = random.Random(bits)
    rows = [[rng.choice((0, white // 2, white)) for _ in range(64)] for _ in range(32)]
    image = seen(rendered(pngs.grey(64, bits, rows, level))).convert("RGBA")
    alphas = list(image.getchannel("A").tobytes())
    assert alphas == [0 if pixel == level else 255 for row in rows for pixel in row]
    greys = image.getchannel("R").tobytes()
    shown = [round(pixel * 255 / white) for row in rows for pixel in row]
    assert all(
        abs(grey - wanted) <= 1
        for grey, wanted, alpha in zip(greys, shown, alphas, strict=True)
        if alpha
    )


@pytest.mark.parametrize("disposal", [0, 1, 2])
@pytest.mark.parametrize("blend", [0, 1])
def test_a_frame_is_disposed_of_as_it_says(disposal: int, blend: int) -> None:
    """What the second frame covered is left, cleared, or put back before the third is drawn."""
    ground = Image.new("RGBA", (60, 40), (0, 255, 0, 255))
    square, dot = ground.copy(), ground.copy()
    square.paste((255, 0, 0, 255), (10, 10, 50, 30))
    dot.paste((0, 0, 255, 255), (0, 0, 5, 5))
    data = saved(
        ground, "PNG", save_all=True, append_images=[square, dot], duration=100,
        disposal=[0, disposal, 0], blend=[0, blend, blend],
    )  # fmt: skip
    third = Image.open(BytesIO(rendered(data).body))
    third.seek(2)
    assert third.convert("RGBA").getpixel((30, 20)) == (0, 255, 0, 255)
    assert third.convert("RGBA").getpixel((2, 2)) == (0, 0, 255, 255)
