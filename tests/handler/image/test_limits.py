"""Limits held before anything is decoded; and what is damaged is refused or salvaged."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from struct import pack
from typing import Any
from zlib import crc32

import pytest
from PIL import Image

from handler.image import Budget, Rejected, render
from handler.image.develop import developed
from handler.image.picture import UNBOUNDED
from handler.recipe import SOURCE_FORMATS, Limits, Recipe
from tests.support.pictures import DEFAULTS, quarters, rendered, rendition, saved, seen

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
FILES = {
    "jpeg": "JPEG",
    "png": "PNG",
    "gif": "GIF",
    "webp": "WEBP",
    "avif": "AVIF",
    "tiff": "TIFF",
    "bmp": "BMP",
    "jpeg2000": "JPEG2000",
    "ico": "ICO",
}
SALVAGE = Limits(truncated="salvage")
REFUSED = "damaged"


def source(name: str) -> bytes:
    """A small picture of a source format."""
    return saved(quarters(), FILES[name], **({"sizes": [(120, 80)]} if name == "ico" else {}))


def huge_png(width: int, height: int) -> bytes:
    """A PNG that announces a size and has no pixels."""
    header = b"IHDR" + pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + pack(">I", 13)
        + header
        + pack(">I", crc32(header))
        + pack(">I", 9)
        + b"IDAT"
    )


def refusal(data: bytes, limits: Limits = DEFAULTS, budget: Budget = UNBOUNDED) -> str:
    """The reason why a picture is rejected."""
    with pytest.raises(Rejected) as caught:
        render(data, Recipe((rendition(),), limits), budget)
    return str(caught.value)


def estimated(data: bytes, budget: Budget) -> str:
    """The reason why a picture is not even begun, however fast this machine is just now."""
    with pytest.raises(Rejected) as caught:
        developed(data, Recipe((rendition(),)), budget)
    return str(caught.value)


def test_pixels_at_their_edge() -> None:
    """120 x 80 pixels pass a limit of 9600 and not one of 9599; the reason names both."""
    assert rendered(source("jpeg"), Limits(pixels=9600)).width == 120
    assert (
        refusal(source("jpeg"), Limits(pixels=9599))
        == "120 x 80 are 9600 pixels; the limit is 9599"
    )


@pytest.mark.parametrize("name", FILES)
def test_pixels_are_counted_in_every_format(name: str) -> None:
    """No format slips past."""
    assert "9599" in refusal(source(name), Limits(pixels=9599))


def test_a_bomb_is_refused_by_its_header() -> None:
    """A file of 50 bytes that announces 100 megapixels and one is refused without being decoded."""
    assert (
        refusal(huge_png(10_001, 10_000))
        == "10001 x 10000 are 100010000 pixels; the limit is 100000000"
    )
    assert refusal(huge_png(10_000, 10_000)).startswith(REFUSED)


def test_a_bomb_inside_an_icon_is_refused() -> None:
    """An icon's directory says 16 x 16, the PNG within says 40000 x 40000."""
    inner = huge_png(40_000, 40_000)
    icon = pack("<3H4B2H2I", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(inner), 22) + inner
    assert refusal(icon) == "an icon of 40000 x 40000; at most 1024 are read"


def test_bytes_at_their_edge() -> None:
    """A file may be as long as the limit, and not one byte longer."""
    data = source("png")
    assert rendered(data, Limits(bytes=len(data))).width == 120
    assert (
        refusal(data, Limits(bytes=len(data) - 1))
        == f"{len(data)} bytes; the limit is {len(data) - 1}"
    )


@pytest.mark.parametrize("name", FILES)
def test_only_allowed_formats_are_opened(name: str) -> None:
    """A format that is not on the list is refused by name, one that is alone on it is taken."""
    others = tuple(each for each in SOURCE_FORMATS if each != name)
    assert (
        refusal(source(name), Limits(formats=others))
        == f"{name} is not among the allowed formats: {', '.join(others)}"
    )
    assert rendered(source(name), Limits(formats=(name,))).width == 120


@pytest.mark.parametrize("data", [
    b"", b"x", b"hello", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"8BPS\0\1",
    b"\0\0\0\x18ftypmp42\0\0\0\0isommp42",
    b"\xff\xd8", b"P6\n1 1\n255\n\0\0\0",
])  # fmt: skip
def test_what_is_no_image_is_refused(data: bytes) -> None:
    """Nothing, text, other formats, videos."""
    assert refusal(data).startswith("not an image of a known format")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_truncated_file_is_refused(name: str, share: float) -> None:
    """Whatever is missing at the end, the picture is not shown in part."""
    data = source(name)
    assert refusal(data[: int(len(data) * share)]).startswith(REFUSED)


def test_a_truncated_heic_is_refused() -> None:
    """What is missing is painted green by libheif; the file's boxes say that it is cut short."""
    heif = pytest.importorskip("pillow_heif")
    stream = BytesIO()
    heif.from_pillow(quarters(600, 400)).save(stream, format="HEIF", quality=90)
    assert rendered(stream.getvalue()).width == 600
    assert refusal(stream.getvalue()[:-1]) == "damaged: the file ends early"
    assert rendered(stream.getvalue(), SALVAGE).warnings == ()
    assert rendered(stream.getvalue()[:-1], SALVAGE).warnings == (
        "damaged: only its readable part is shown",
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [("jpeg", {}), ("jpeg", {"progressive": True}), ("png", {}), ("gif", {}), ("bmp", {})],
)
def test_a_truncated_file_is_salvaged_if_asked(name: str, options: dict[str, Any]) -> None:
    """The upper part is there, in full size, with a warning; a whole file has none."""
    data = saved(quarters(400, 400).resize((400, 400)), FILES[name], **options)
    picture = rendered(data[: int(len(data) * 0.8)], SALVAGE)
    assert (picture.width, picture.height) == (400, 400)
    assert picture.warnings == ("damaged: only its readable part is shown",)
    assert rendered(data, SALVAGE).warnings == ()
    colours = [seen(picture).convert("RGB").getpixel((20, y)) for y in (20, 380)]
    assert colours[0 if name != "bmp" else 1] == pytest.approx(
        (220, 30, 30) if name != "bmp" else (40, 60, 210), abs=12
    )


def test_salvaging_one_picture_leaves_the_next_strict() -> None:
    """The leniency ends with the picture it was for."""
    data = source("jpeg")
    rendered(data[:-200], SALVAGE)
    assert refusal(data[:-200]).startswith(REFUSED)


@pytest.mark.parametrize("truncated", ["reject", "salvage"])
def test_limits_hold_for_what_is_salvaged(truncated: str) -> None:
    """Leniency about the end is none about the size."""
    assert "the limit is 9599" in refusal(
        source("jpeg")[:-200], Limits(pixels=9599, truncated=truncated)
    )


@pytest.mark.parametrize("name", FILES)
def test_memory_is_held_against_the_budget(name: str) -> None:
    """64 megapixels fit a large function, and are refused by a small one undecoded."""
    data = saved(Image.new("L", (8000, 8000)), FILES[name]) if name == "png" else source(name)
    small = Budget(memory=64 * MIB)
    assert "MiB of memory are needed; there are 64" in refusal(data, budget=small)
    assert render(data, Recipe((rendition(),)), Budget(memory=3000 * MIB))[0].width == (
        600 if name == "png" else 120
    )


def test_a_draft_needs_less_memory_than_a_whole_picture() -> None:
    """A JPEG of 48 megapixels is taken where a PNG of the same size is not."""
    image = Image.new("RGB", (8000, 6000))
    budget = Budget(memory=256 * MIB)
    assert render(saved(image, "JPEG"), Recipe((rendition(),)), budget)[0].width == 800
    assert "memory" in refusal(saved(image, "PNG"), budget=budget)
    assert "memory" in refusal(saved(image, "JPEG", progressive=True), budget=budget)


def test_a_jpeg_of_endless_scans_is_refused_with_their_number() -> None:
    """A scan costs its bytes next to nothing, and its reader the whole picture again."""
    data = saved(Image.new("RGB", (64, 64)), "JPEG", progressive=True)
    start = data.index(b"\xff\xda")
    scan = data[start : data.index(b"\xff", start + 4)]
    many = data[:start] + scan * 600 + data[start:]
    assert refusal(many).endswith("scans; at most 500 are decoded")
    slow = saved(Image.new("RGB", (3000, 2000)), "JPEG", progressive=True)
    assert "seconds are needed" in estimated(slow, Budget(seconds=0.08))


def test_the_time_left_is_held_against_the_budget() -> None:
    """A picture that cannot be done in the time left is refused.

    A small share of a processor counts.
    """
    data = saved(Image.new("L", (4000, 3000)), "PNG")
    assert "0.1 are left" in estimated(data, Budget(seconds=0.1))
    assert "0.6 are left" in estimated(data, Budget(memory=512 * MIB, seconds=0.6))
    assert developed(data, Recipe((rendition(),)), Budget(seconds=0.6))


def test_an_animation_too_large_for_the_memory_keeps_its_first_frame() -> None:
    """Many frames are many pictures to hold; one is not."""
    images = [Image.new("RGB", (300, 300), (step, 0, 0)) for step in range(0, 250, 10)]
    data = saved(images[0], "GIF", save_all=True, append_images=images[1:], duration=100)
    recipe = Recipe((replace(rendition(), format="webp"),))
    assert render(data, recipe)[0].frames == 25
    (picture,) = render(data, recipe, Budget(memory=92 * MIB))
    assert picture.frames == 1
    assert "MiB of memory" in picture.warnings[0]
