"""Alpha: kept where the format can, without fringes, and laid on the background where it cannot."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from tests.support.pictures import rendered, saved, seen


def disc(inside: tuple[int, int, int], outside: tuple[int, int, int]) -> Image.Image:
    """An opaque disc on transparent ground whose hidden colour is ``outside``."""
    image = Image.new("RGBA", (400, 400), (*outside, 0))
    ImageDraw.Draw(image).ellipse((50, 50, 350, 350), (*inside, 255))
    return image


@pytest.mark.parametrize("outside", [(0, 0, 0), (255, 255, 255), (0, 255, 0)])
@pytest.mark.parametrize(
    ("name", "wanted"),
    [("PNG", "png"), ("TIFF", "png"), ("PNG", "webp"), ("WEBP", "webp"), ("PNG", "avif")],
)
def test_no_fringe_of_the_hidden_colour(
    name: str, wanted: str, outside: tuple[int, int, int]
) -> None:
    """Half-transparent pixels on the edge have the disc's colour, whatever hides behind them."""
    inside = (200, 120, 40)
    options = {"lossless": True, "exact": True} if name == "WEBP" else {}
    image = seen(
        rendered(
            saved(disc(inside, outside), name, **options),
            format=wanted,
            quality=100,
            width=97,
            height=97,
        )
    )
    pixels = zip(*[iter(image.convert("RGBA").tobytes())] * 4, strict=True)
    edge = [pixel for pixel in pixels if 64 < pixel[3] < 255]
    assert len(edge) > 100
    worst = max(
        abs(channel - wish) for pixel in edge for channel, wish in zip(pixel, inside, strict=False)
    )
    assert worst <= (
        12 if wanted == "png" else 40
    )  # LANCZOS swings a little past an edge, lossy formats more


@pytest.mark.parametrize("wanted", ["png", "webp", "avif", "keep"])
def test_alpha_is_kept(wanted: str) -> None:
    """What was transparent, opaque and half transparent still is."""
    image = Image.new("RGBA", (90, 30), (10, 200, 30, 255))
    image.paste((10, 200, 30, 128), (30, 0, 60, 30))
    image.paste((10, 200, 30, 0), (60, 0, 90, 30))
    alpha = seen(rendered(saved(image, "PNG"), format=wanted)).convert("RGBA").getchannel("A")
    assert [alpha.getpixel((x, 15)) for x in (15, 45, 75)] == pytest.approx([255, 128, 0], abs=4)


@pytest.mark.parametrize("background", ["#ffffff", "#102030"])
def test_alpha_is_laid_on_the_background_where_the_format_has_none(background: str) -> None:
    """JPEG shows the background through, in proportion."""
    image = Image.new("RGBA", (90, 30), (255, 0, 0, 128))
    image.paste((0, 0, 0, 0), (60, 0, 90, 30))
    jpeg = seen(rendered(saved(image, "PNG"), format="jpeg", background=background, quality=95))
    ground = [int(background[at : at + 2], 16) for at in (1, 3, 5)]
    assert jpeg.getpixel((75, 15)) == pytest.approx(ground, abs=6)
    assert jpeg.getpixel((15, 15)) == pytest.approx(
        [(255 + ground[0]) / 2, ground[1] / 2, ground[2] / 2], abs=6
    )


def test_an_alpha_that_hides_nothing_is_dropped() -> None:
    """An opaque RGBA picture is written without its fourth channel."""
    opaque = disc((1, 2, 3), (0, 0, 0)).crop((150, 150, 250, 250))
    assert not seen(rendered(saved(opaque, "PNG"))).has_transparency_data
    assert seen(rendered(saved(opaque, "PNG"), format="webp")).mode == "RGB"


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_a_transparent_colour_becomes_alpha(mode: str) -> None:
    """PNG can name one colour as transparent; it is so after resizing, too."""
    image = Image.new("L", (80, 40), 255)
    image.paste(0, (0, 0, 40, 40))
    image = image.convert("RGB").quantize(2) if mode == "P" else image.convert(mode)
    key = image.getpixel((0, 0))
    shown = seen(rendered(saved(image, "PNG", transparency=key), width=40)).convert("RGBA")
    assert [pixel[3] for at in (5, 35) if isinstance(pixel := shown.getpixel((at, 10)), tuple)] == [
        0,
        255,
    ]


def test_pad_keeps_what_shines_through() -> None:
    """The background of a pad is beside the picture, not behind it, in a format that has alpha."""
    image = seen(
        rendered(
            saved(disc((9, 9, 9), (0, 0, 0)), "PNG"),
            width=200,
            height=100,
            fit="pad",
            background="#0000ff",
        )
    ).convert("RGBA")
    assert image.getpixel((2, 50)) == (0, 0, 255, 255)
    assert isinstance(corner := image.getpixel((52, 2)), tuple)
    assert corner[3] == 0
