"""Rendering: sizes, quality, several renditions, and the same bytes every time."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from math import log10, pi
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageOps, ImageStat

from handler.image import render
from handler.recipe import Recipe, Rendition, web_preset
from tests.support.pictures import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    corners,
    far,
    quarters,
    rendered,
    rendition,
    saved,
    seen,
)

pytestmark = pytest.mark.slow


def photo(width: int, height: int) -> Image.Image:
    """Something like a photograph: soft forms under fine noise."""
    bands = [
        Image.radial_gradient("L").resize((width, height)),
        Image.linear_gradient("L").resize((width, height)),
    ]
    grain = Image.effect_noise((width, height), 20)
    return Image.merge(
        "RGB", [ImageChops.add(band, grain, 1, -128) for band in (*bands, bands[0].rotate(90))]
    )


def sharp(width: int, height: int) -> Image.Image:
    """A picture sharp to the pixel: thin lines over a photograph."""
    image = photo(width, height)
    for step in range(0, width, 7):
        ImageDraw.Draw(image).line(
            (step, 0, width - step, height), fill=(step % 256, 255 - step % 200, 90)
        )
    return image


def psnr(one: Image.Image, other: Image.Image) -> float:
    """Peak signal-to-noise ratio in decibels."""
    statistics = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return 10 * log10(255**2 * sum(statistics.count) / max(1e-9, sum(statistics.sum2)))


@pytest.mark.parametrize(("settings", "size"), [
    ({}, (400, 200)),
    ({"fit": "cover"}, (400, 300)),
    ({"fit": "pad"}, (400, 300)),
    ({"fit": "stretch"}, (400, 300)),
    ({"width": 16, "height": 300}, (16, 8)),
    ({"fit": "cover", "width": 16, "height": 300}, (16, 300)),
])  # fmt: skip
def test_fits(settings: dict[str, Any], size: tuple[int, int]) -> None:
    """Inside keeps the aspect ratio within the box; cover, pad and stretch fill it."""
    picture = rendered(
        saved(quarters(800, 400), "JPEG"), **{"width": 400, "height": 300, **settings}
    )
    assert (picture.width, picture.height) == seen(picture).size == size


@pytest.mark.parametrize("fit", ["inside", "cover", "stretch"])
@pytest.mark.parametrize("size", [(100, 40), (40, 100), (700, 40), (40, 700)])
def test_never_enlarged(fit: str, size: tuple[int, int]) -> None:
    """No side of a picture ever becomes longer than it was."""
    picture = rendered(saved(quarters(*size), "PNG"), width=600, height=500, fit=fit)
    assert picture.width == min(size[0], 600) if fit != "inside" else picture.width <= size[0]
    assert picture.height <= size[1]


def test_pad_centres_a_small_picture_at_its_own_size() -> None:
    """Padding fills the box without enlarging the picture in it."""
    image = seen(
        rendered(
            saved(quarters(100, 50), "PNG"), width=300, height=200, fit="pad", background="#ff00ff"
        )
    )
    assert corners(image) == [(255, 0, 255)] * 4
    assert corners(image.crop((100, 75, 200, 125))) == [RED, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize(("gravity", "colours"), [
    ("west", [RED, RED, BLUE, BLUE]), ("east", [GREEN, GREEN, YELLOW, YELLOW]),
    ("northwest", [RED, RED, BLUE, BLUE]),
])  # fmt: skip
def test_cover_keeps_the_side_that_gravity_names(
    gravity: str, colours: list[tuple[int, int, int]]
) -> None:
    """A square cut from a wide picture holds its left, or its right."""
    image = seen(
        rendered(
            saved(quarters(400, 100), "PNG"), width=100, height=100, fit="cover", gravity=gravity
        )
    )
    assert far(corners(image), colours) < 4


@pytest.mark.parametrize("at", [0, 150, 300])
def test_attention_keeps_the_busiest_part(at: int) -> None:
    """The one detailed patch of a plain picture is what is cut, give or take three pixels."""
    image = Image.new("RGB", (400, 100), "grey")
    image.paste(photo(100, 100), (at, 0))
    cut = seen(
        rendered(saved(image, "PNG"), width=100, height=100, fit="cover", gravity="attention")
    )
    assert (
        max(psnr(cut, image.crop((left, 0, left + 100, 100))) for left in range(at - 3, at + 4))
        > 90
    )


@pytest.mark.parametrize("at", [20, 300])
def test_attention_prefers_a_flower_to_the_litter_around_it(at: int) -> None:
    """Strong colour draws the eye more than fine grey detail everywhere."""
    image = Image.effect_noise((500, 100), 60).convert("RGB")
    image.paste("#7a3fd0", (at, 20, at + 60, 80))
    cut = seen(
        rendered(saved(image, "PNG"), width=100, height=100, fit="cover", gravity="attention")
    )
    colours = {colour: count for count, colour in cut.getcolors(10_000) or ()}
    assert colours[0x7A, 0x3F, 0xD0] >= 60 * 60 * 0.9


@pytest.mark.parametrize("head", [(90, 60), (240, 200), (500, 90), (420, 300)])
@pytest.mark.parametrize("box", [(150, 400), (200, 400), (600, 150), (200, 200)])
def test_attention_keeps_a_head_among_twigs(head: tuple[int, int], box: tuple[int, int]) -> None:
    """Twigs have more detail all over; a face has the colour of skin, light or dark."""
    for skin in ("#e8b796", "#8d5a3c"):
        twigs = Image.effect_noise((600, 400), 90).filter(ImageFilter.GaussianBlur(1))
        image = ImageOps.colorize(twigs, "#20281c", "#a4a89a")
        oval = (head[0] - 24, head[1] - 30, head[0] + 24, head[1] + 30)
        ImageDraw.Draw(image).ellipse(oval, skin)
        cut = rendered(
            saved(image, "PNG"), width=box[0], height=box[1], fit="cover", gravity="attention"
        )
        colours = {each: count for count, each in seen(cut).convert("RGB").getcolors(1 << 20) or ()}
        scale = max(cut.width / 600, cut.height / 400)
        assert colours[ImageColor.getrgb(skin)] >= 0.6 * pi * 24 * 30 * scale**2


def test_attention_on_nothing_takes_the_middle() -> None:
    """Where nothing is busy, the cut is central."""
    image = Image.new("RGB", (300, 100), "grey")
    image.putpixel((150, 50), (255, 255, 255))
    cut = seen(
        rendered(saved(image, "PNG"), width=101, height=100, fit="cover", gravity="attention")
    ).convert("RGB")
    assert cut.getpixel((51, 50)) == (255, 255, 255) or cut.getpixel((50, 50)) == (255, 255, 255)


@pytest.mark.parametrize("width", [300, 600, 735, 800])
def test_a_reduced_decode_of_a_small_photo_costs_at_most_half_a_decibel(width: int) -> None:
    """It has been resized before, and is sharp to the pixel."""
    source = saved(photo(1800, 1200).filter(ImageFilter.GaussianBlur(1)), "JPEG", quality=90)
    ours = seen(rendered(source, width=width, height=width, quality=80))
    fair = Image.open(BytesIO(source)).resize(ours.size, Image.Resampling.LANCZOS)
    assert psnr(ours, fair) > psnr(Image.open(BytesIO(saved(fair, "JPEG", quality=80))), fair) - 0.5


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
@pytest.mark.parametrize("width", [110, 120, 235, 245, 333, 470, 490, 700])
def test_a_reduced_decode_costs_at_most_a_decibel(options: dict[str, Any], width: int) -> None:
    """A JPEG decoded at a reduced scale is within 1 dB of one decoded whole and resampled.

    That is, by LANCZOS.
    """
    source = saved(sharp(1000, 800), "JPEG", quality=92, **options)
    ours = seen(rendered(source, width=width, height=width, quality=80))
    fair = Image.open(BytesIO(source)).resize(ours.size, Image.Resampling.LANCZOS)
    assert psnr(ours, fair) > psnr(Image.open(BytesIO(saved(fair, "JPEG", quality=80))), fair) - 1


def test_several_renditions_share_one_decode_and_look_like_single_ones() -> None:
    """What is resized from a larger rendition looks like what is made alone."""
    source = saved(photo(2000, 1500), "JPEG", quality=92)
    renditions = [
        rendition(name=f"w{width}", width=width, height=width, format="png")
        for width in (1200, 500, 200)
    ]
    for together, alone in zip(render(source, Recipe(tuple(renditions))), renditions, strict=True):
        (single,) = render(source, Recipe((alone,)))
        assert (together.width, together.height) == (single.width, single.height)
        assert psnr(seen(together), seen(single)) > 38


def test_renditions_of_one_size_do_not_share_their_watermark() -> None:
    """A marked and an unmarked rendition of one size have the same pixels; only one is marked."""
    marked, plain = (
        Rendition(name="marked", format="png"),
        Rendition(name="plain", format="png", watermark=None),
    )
    source = saved(quarters(1600, 1200), "PNG")
    with_mark, without = render(source, Recipe((marked, plain)))
    assert without.body == render(source, Recipe((plain,)))[0].body
    assert with_mark.body == render(source, Recipe((marked,)))[0].body
    assert with_mark.body != without.body


def test_the_web_preset() -> None:
    """Thumb, medium and large, each as WebP and JPEG."""
    pictures = render(saved(photo(2000, 1000), "JPEG"), Recipe(web_preset(Rendition())))
    assert [(picture.rendition.name, picture.width, picture.extension) for picture in pictures] == [
        ("thumb_webp", 320, "webp"), ("thumb_jpeg", 320, "jpg"), ("medium_webp", 800, "webp"),
        ("medium_jpeg", 800, "jpg"), ("large_webp", 1600, "webp"), ("large_jpeg", 1600, "jpg"),
    ]  # fmt: skip


@pytest.mark.parametrize("wanted", ["jpeg", "webp", "avif"])
def test_max_bytes_is_kept_with_the_best_quality_that_fits(wanted: str) -> None:
    """The bound holds and is used, and without need nothing is taken away."""
    source = saved(photo(600, 400), "PNG")
    free = rendered(source, format=wanted)
    bound = len(free.body) // 2
    bounded = rendered(source, format=wanted, max_bytes=bound)
    assert bound * 0.8 < len(bounded.body) <= bound
    assert bounded.warnings == ()
    assert rendered(source, format=wanted, max_bytes=len(free.body)).body == free.body


@pytest.mark.parametrize("wanted", ["jpeg", "png"])
def test_a_bound_that_cannot_be_kept_is_said(wanted: str) -> None:
    """The picture is made all the same, with a warning that names both figures."""
    picture = rendered(saved(photo(600, 400), "PNG"), format=wanted, max_bytes=500)
    assert picture.warnings == (f"{len(picture.body)} bytes; {wanted} cannot be brought under 500",)


@pytest.mark.parametrize("wanted", ["jpeg", "webp", "avif"])
def test_quality_is_obeyed(wanted: str) -> None:
    """More quality, more bytes; 0 is a default between the ends."""
    source = saved(photo(300, 200), "PNG")
    sizes = [len(rendered(source, format=wanted, quality=quality).body) for quality in (20, 0, 97)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3


@pytest.mark.parametrize("wanted", ["jpeg", "png", "webp", "avif", "keep"])
def test_the_same_picture_is_the_same_bytes(wanted: str) -> None:
    """In this process and in another one."""
    source = saved(photo(500, 400), "GIF")
    recipe = Recipe((Rendition(format=wanted, width=200),))
    (picture,) = render(source, recipe)
    assert render(source, recipe)[0].body == picture.body
    code = (
        "import sys\n"
        "from handler.image import render\n"
        "from handler.recipe import Recipe\n"
        "recipe = Recipe.from_json(sys.argv[1])\n"
        "sys.stdout.buffer.write(render(sys.stdin.buffer.read(), recipe)[0].body)"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code, recipe.to_json()],
            input=source,
            capture_output=True,
            check=True,
        ).stdout
        == picture.body
    )


@pytest.mark.parametrize("wanted", ["jpeg", "png"])
def test_a_coloured_mark_on_a_grey_picture_keeps_its_colour(wanted: str) -> None:
    """A grey picture stays grey under a grey mark and becomes coloured under a coloured one."""
    source = saved(Image.new("L", (600, 400), 100), "PNG")
    (grey,) = render(source, Recipe((Rendition(format=wanted),)))
    assert seen(grey).mode == "L"
    red = Rendition.from_mapping(
        {"format": wanted, "watermark": {"color": "#ff0000", "opacity": 1.0, "size": 0.3}}
    )
    (coloured,) = render(source, Recipe((red,)))
    most_red = max(
        r - g for r, g, _ in zip(*[iter(seen(coloured).convert("RGB").tobytes())] * 3, strict=True)
    )
    assert most_red > 200


def test_a_missing_watermark_is_the_deployments_fault() -> None:
    """A font that was not deployed is no reason to reject the picture for ever."""
    rendition = Rendition.from_mapping({"watermark": {"font": "missing.ttf"}})
    with pytest.raises(OSError, match=r"missing\.ttf"):
        render(saved(quarters(600, 400), "JPEG"), Recipe((rendition,)))
