"""Fair sizes: no result is larger than its source where it has no more pixels."""

from __future__ import annotations

import random
from functools import cache, partial
from io import BytesIO
from string import ascii_letters
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageSequence

from handler.image import lean
from handler.recipe import Limits, Watermark
from tests.handler.image.test_metadata import OUTPUTS, exif, properties
from tests.handler.image.test_provenance import packet
from tests.support.pictures import quarters, rendered, saved, seen
from tests.support.pngs import chunk, with_chunk

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow


@cache
def screenshot(colours: int = 60) -> Image.Image:
    """A map, rules and some text, as a program draws them, in so many colours at most."""
    rng = random.Random(3)
    hills = Image.frombytes("RGB", (12, 9), rng.randbytes(12 * 9 * 3)).resize((640, 480), 3)
    image = hills.quantize(40, dither=Image.Dither.NONE).convert("RGB")
    pen = ImageDraw.Draw(image)
    for line in range(8):
        left, right = rng.randrange(400), rng.randrange(500, 640)
        pen.rectangle((left, 60 * line, right, 60 * line + 20), tuple(rng.randbytes(3)))
        words = "".join(rng.choices(ascii_letters + " ", k=60))
        pen.text((8, 60 * line), words, "#202428", font_size=14)
    return image.quantize(colours, dither=Image.Dither.NONE).convert("RGB")


@cache
def photo(mode: str = "RGB") -> Image.Image:
    """Soft colours with grain."""
    rng = random.Random(5)
    image = Image.frombytes("RGB", (24, 18), rng.randbytes(24 * 18 * 3)).resize((640, 480), 3)
    grain = Image.frombytes("RGB", (640, 480), rng.randbytes(640 * 480 * 3))
    return Image.blend(image, grain, 0.05).convert(mode)


def gradient() -> Image.Image:
    """An alpha of each level over two colours."""
    image = quarters(640, 480)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def paletted() -> Image.Image:
    """The screenshot with a palette."""
    return screenshot().quantize(64, dither=Image.Dither.NONE)


best: Final = {"compress_level": 9}
SOURCES: Final[dict[str, Callable[[], bytes]]] = {
    "palette PNG": lambda: saved(
        screenshot().quantize(64, dither=Image.Dither.NONE), "PNG", **best
    ),
    "RGB PNG of few colours": lambda: saved(screenshot(), "PNG", **best),
    "PNG with a clear colour": lambda: saved(paletted(), "PNG", transparency=0, **best),
    "PNG of two colours": lambda: saved(screenshot(2).quantize(2), "PNG", **best),
    "grey PNG of 12 levels": lambda: saved(screenshot(12).convert("L"), "PNG", **best),
    "photo as PNG": lambda: saved(photo(), "PNG", **best),
    "grey photo as PNG": lambda: saved(photo("L"), "PNG", **best),
    "RGBA PNG": lambda: saved(gradient(), "PNG", **best),
    "JPEG of low quality": lambda: saved(photo(), "JPEG", quality=55, optimize=True),
    "JPEG of high quality": lambda: saved(photo(), "JPEG", quality=97),
    "progressive JPEG": lambda: saved(photo(), "JPEG", quality=70, progressive=True),
    "grey JPEG": lambda: saved(photo("L"), "JPEG", quality=60),
    "lossy WebP": lambda: saved(photo(), "WEBP", quality=60, method=6),
    "lossless WebP of few colours": lambda: saved(screenshot(), "WEBP", lossless=True),
    "lossless WebP with alpha": lambda: saved(gradient(), "WEBP", lossless=True, exact=True),
}
LOSSLESS: Final = [name for name in SOURCES if "PNG" in name]


@pytest.mark.parametrize("name", SOURCES)
def test_no_result_that_is_the_same_picture_is_larger(name: str) -> None:
    """Of whatever kind, at its own size and without a mark."""
    source = SOURCES[name]()
    assert len(rendered(source).body) <= len(source)


def test_what_cannot_be_written_better_is_the_sources_own() -> None:
    """No second loss of what is that small already: a lower quality is not looked for."""
    source = SOURCES["lossy WebP"]()
    made = rendered(source).body
    assert ImageChops.difference(decoded(made), decoded(source)).getbbox() is None


def test_a_drawing_without_loss_stays_one_with_a_mark() -> None:
    """That is smaller than any WebP with loss that looks like it."""
    source = SOURCES["lossless WebP of few colours"]()
    made = rendered(source, watermark=Watermark()).body
    assert b"VP8L" in made[:64]


@pytest.mark.parametrize("name", LOSSLESS)
def test_what_had_no_loss_has_none_at_its_own_size(name: str) -> None:
    """Every pixel that shows is what it was."""
    source = SOURCES[name]()
    made, was = (
        Image.open(BytesIO(each)).convert("RGBA") for each in (rendered(source).body, source)
    )
    assert ImageChops.difference(over_grey(made), over_grey(was)).getbbox() is None
    assert ImageChops.difference(made.getchannel("A"), was.getchannel("A")).getbbox() is None


def over_grey(image: Image.Image) -> Image.Image:
    """What is seen of ``image`` on grey."""
    ground = Image.new("RGBA", image.size, "#808080")
    return Image.alpha_composite(ground, image).convert("RGB")


@pytest.mark.parametrize("width", [500, 300])
@pytest.mark.parametrize("name", ["palette PNG", "RGB PNG of few colours"])
def test_a_smaller_screenshot_is_no_larger_file(name: str, width: int) -> None:
    """Scaling makes thousands of colours of a few; where no eye tells, they are few again."""
    source = SOURCES[name]()
    made = rendered(source, width=width, height=width)
    assert len(made.body) <= len(source)
    plain = seen(rendered(saved(screenshot(), "BMP"), width=width, height=width, format="png"))
    assert lean._decibels(seen(made).convert("RGB"), plain.convert("RGB")) >= 32


def test_a_large_screenshot_keeps_its_look_in_few_colours() -> None:
    """They are found in a part of its pixels."""
    large = screenshot().resize((1600, 1200), Image.Resampling.NEAREST)
    source = saved(large.quantize(64, dither=Image.Dither.NONE), "PNG", **best)
    made = seen(rendered(source, width=1100, height=1100))
    plain = seen(rendered(saved(large, "BMP"), width=1100, height=1100, format="png"))
    assert made.mode == "P"
    assert lean._decibels(made.convert("RGB"), plain.convert("RGB")) >= 32


def test_a_photo_keeps_all_its_colours() -> None:
    """A PNG of a photograph stays one without loss, however small its source is."""
    grain = Image.frombytes("RGB", (64, 48), random.Random(1).randbytes(64 * 48 * 3))
    source = saved(grain.resize((640, 480), Image.Resampling.NEAREST), "PNG", **best)
    made = rendered(source, width=500)
    assert (seen(made).mode, len(made.body) > len(source)) == ("RGB", True)


def test_a_mark_costs_a_screenshot_little() -> None:
    """It brings colours of its own, and the file has a palette all the same."""
    source = SOURCES["palette PNG"]()
    made = rendered(source, watermark=Watermark())
    assert len(made.body) <= 1.1 * len(source)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["L", "LA", "RGB", "RGBA"]))
def test_a_palette_is_exact(rng: random.Random, mode: str) -> None:
    """Neighbouring colours stay two, and every alpha is kept; 256 of them, or one."""
    count = rng.choice([1, 2, 3, 16, 17, 255, 256, 257])
    depth = len(mode)
    few = [rng.randbytes(depth) for _ in range(count)]
    image = Image.frombytes(mode, (20, 20), b"".join(rng.choices(few, k=400)))
    source = saved(image, "PNG")
    assert seen(rendered(source)).convert(mode).tobytes() == seen_plain(image, mode)


def seen_plain(image: Image.Image, mode: str) -> bytes:
    """The bytes of ``image`` in ``mode``."""
    return image.convert(mode).tobytes()


@pytest.mark.parametrize("name", OUTPUTS[:3])
def test_own_bytes_tell_no_more_than_was_kept(name: str) -> None:
    """Artist and credit, but neither place nor comment, text, thumbnail, nor what is appended."""
    options: dict[str, Any] = {"quality": 30} if name != "png" else {"compress_level": 9}
    secret = b"SECRET-4711"
    if name == "jpeg":
        options["comment"] = secret
    body = saved(photo(), name, exif=exif(), **options)
    told = {"xmp": packet("", photoshop_Credit="Ada", aux_Lens="50mm")}
    turned = exif()
    del turned[274]
    body = saved(photo(), name, exif=turned, **(told if name != "png" else {}), **options)
    if name == "png":
        body = with_chunk(body, chunk(b"tEXt", b"Comment\0" + secret), behind=False)
    made = rendered(body + secret)
    assert ImageChops.difference(seen(made).convert("RGB"), decoded(body)).getbbox() is None
    assert secret not in made.body
    assert b"WGS-84" not in made.body
    assert b"50mm" not in made.body
    assert seen(made).getexif()[315]
    if name != "png":
        assert properties(seen(made).info["xmp"])["Credit"] == ["Ada"]


def decoded(body: bytes) -> Image.Image:
    """The pixels of a file, as RGB."""
    return Image.open(BytesIO(body)).convert("RGB")


@pytest.mark.parametrize("change", [
    {"watermark": Watermark()}, {"width": 300}, {"fit": "pad", "width": 900, "height": 900},
    {"fit": "cover", "width": 300, "height": 480},
])  # fmt: skip
def test_own_bytes_are_another_picture_than_a_changed_one(change: dict[str, Any]) -> None:
    """They would be smaller, and wrong."""
    source = saved(photo(), "JPEG", quality=20)
    assert seen(rendered(source, **{"width": 640, "height": 480, **change})).size != (0, 0)
    whole = decoded(rendered(source).body)
    made = decoded(rendered(source, **{"width": 640, "height": 480, **change}).body)
    assert made.size != whole.size or ImageChops.difference(made, whole).getbbox()


def test_a_turned_or_cut_short_picture_is_written_anew() -> None:
    """Its own bytes would lie on their side, or stay broken."""
    turned = Image.Exif()
    turned[274] = 6
    source = saved(photo(), "JPEG", quality=20, exif=turned)
    assert seen(rendered(source)).size == (450, 600)
    short = saved(photo(), "JPEG", quality=20)[:-2000]
    salvaged = rendered(short, Limits(truncated="salvage"))
    assert seen(salvaged).convert("RGB").getpixel((5, 5)) is not None
    assert salvaged.body.endswith(b"\xff\xd9")


def test_a_quality_that_was_asked_for_is_kept_to() -> None:
    """Whatever the source's bytes are."""
    source = saved(photo(), "JPEG", quality=40)
    marked = partial(rendered, source, watermark=Watermark())
    assert len(marked(quality=95).body) > len(source)
    assert len(marked().body) <= len(source)


def test_frames_that_are_left_out_do_not_come_back() -> None:
    """Of an animation over a limit, the first frame is kept, and not the file."""
    frames = [photo(), quarters(640, 480)]
    source = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=20)
    made = seen(rendered(source, Limits(frames=1)))
    assert len(list(ImageSequence.Iterator(made))) == 1
    both = seen(rendered(source))
    assert len(list(ImageSequence.Iterator(both))) == 2
