"""TIFF: which directory is the picture, what a camera's raw file becomes, and odd ways to write."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from handler.image import Budget, Rejected, render
from handler.recipe import Recipe, Rendition
from tests.support import tiffs
from tests.support.pictures import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    corners,
    far,
    quarters,
    rendered,
    saved,
    seen,
)
from tests.support.tiffs import Leaf

ARTIST, MAKE, DNG_VERSION = 315, 271, 50706
MOSAIC, LINEAR = 32803, 34892
ORDERS = ("<", ">")


def page(width: int, height: int, subfile: int = 0, colour: str = "") -> Leaf:
    """An uncompressed RGB directory: quarters, or one colour."""
    image = Image.new("RGB", (width, height), colour) if colour else quarters(width, height)
    return tiffs.picture((width, height), (8, 8, 8), 2, [image.tobytes()], subfile=subfile)


def sensor(width: int, height: int, compression: int = 1) -> Leaf:
    """What a camera's sensor saw, its data left out."""
    return tiffs.picture((width, height), (16,), MOSAIC, [bytes(64)], compression=compression)


def preview(jpeg: bytes, size: tuple[int, int]) -> Leaf:
    """A directory whose strip is a JPEG."""
    return tiffs.picture(size, (8, 8, 8), 6, [jpeg], compression=7, subfile=1)


def text(value: str) -> tuple[int, bytes]:
    """An ASCII tag."""
    return tiffs.ASCII, value.encode() + b"\0"


def refusal(data: bytes) -> str:
    """The reason why a picture is rejected."""
    with pytest.raises(Rejected) as caught:
        rendered(data)
    return str(caught.value)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("big", [False, True])
def test_both_byte_orders_and_both_sizes_are_read(order: str, *, big: bool) -> None:
    """Classic and BigTIFF, little- and big-endian, give the same picture."""
    image = seen(rendered(tiffs.tiff([page(120, 80)], order, big=big)))
    assert image.size == (120, 80)
    assert far(corners(image), [RED, GREEN, BLUE, YELLOW]) < 16


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("mark", [1, 4, 5])
def test_a_reduced_copy_or_a_mask_in_front_is_not_the_picture(
    order: str, mark: int, *, big: bool
) -> None:
    """NewSubfileType bit 0 is a thumbnail, bit 2 a mask; neither is a further page."""
    stamp = page(30, 20, mark, "white")
    picture = rendered(tiffs.tiff([stamp, page(120, 80), stamp], order, big=big))
    assert (picture.width, picture.warnings) == (120, ())
    assert far(corners(seen(picture)), [RED, GREEN, BLUE, YELLOW]) < 16


def test_the_old_tag_marks_a_reduced_copy_too() -> None:
    """SubfileType 2, which TIFF 6.0 deprecates."""
    stamp = page(30, 20, colour="white")
    old = Leaf({**stamp.tags, 255: (tiffs.SHORT, [2])}, stamp.strips)
    assert rendered(tiffs.tiff([old, page(120, 80)])).width == 120


def test_where_all_are_reduced_the_largest_is_the_picture() -> None:
    """No directory says that it is whole."""
    leaves = [page(30, 20, 1), page(120, 80, 1), page(60, 40, 1)]
    assert rendered(tiffs.tiff(leaves)).width == 120


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("big", [False, True])
def test_the_picture_may_lie_below_its_thumbnail(order: str, *, big: bool) -> None:
    """As TIFF/EP has it: the only page is a reduced copy, and a directory below it is whole."""
    stamp = page(30, 20, 1, "white")
    above = Leaf(stamp.tags, stamp.strips, [page(60, 40, 1), page(120, 80)])
    picture = rendered(tiffs.tiff([above], order, big=big))
    assert (picture.width, picture.warnings) == (120, ())
    assert far(corners(seen(picture)), [RED, GREEN, BLUE, YELLOW]) < 16


@pytest.mark.parametrize("count", [1, 2, 7])
def test_further_pages_are_told(count: int) -> None:
    """The first page is taken; how many there are is said."""
    picture = rendered(tiffs.tiff([page(120, 80), *[page(60, 40)] * (count - 1)]))
    told = () if count == 1 else (f"{count} pages: only the first is kept",)
    assert (picture.width, picture.warnings) == (120, told)


def test_pages_in_a_circle_end() -> None:
    """A directory that is followed by itself is one page."""
    data = bytearray(tiffs.tiff([page(120, 80)]))
    data[-4:] = data[4:8]
    assert rendered(bytes(data)).warnings == ()


@pytest.mark.parametrize("kind", [tiffs.BYTE, tiffs.SHORT, tiffs.LONG, tiffs.UNDEFINED])
@pytest.mark.parametrize("order", ORDERS)
def test_orientation_is_applied_whatever_its_type(order: str, kind: int) -> None:
    """Some writers store the tag as another type than a short."""
    leaf = page(120, 80)
    turned = Leaf({**leaf.tags, tiffs.ORIENTATION: (kind, [6])}, leaf.strips)
    image = seen(rendered(tiffs.tiff([turned], order)))
    assert image.size == (80, 120)
    assert far(corners(image), [BLUE, RED, YELLOW, GREEN]) < 16


@pytest.mark.parametrize(("marks", "name"), [
    ({DNG_VERSION: (tiffs.BYTE, b"\1\4\0\0"), MAKE: text("LEICA")}, "DNG"),
    ({MAKE: text("NIKON CORPORATION")}, "NEF"),
    ({MAKE: text("SONY")}, "ARW"),
    ({MAKE: text("PENTAX Corporation")}, "PEF"),
    ({MAKE: text("Hasselblad")}, "3FR"),
    ({MAKE: text("Zenit")}, "Zenit"),
])  # fmt: skip
@pytest.mark.parametrize("order", ORDERS)
def test_a_raw_file_without_a_preview_is_refused_by_name(
    order: str, marks: dict[int, tuple[int, bytes]], name: str
) -> None:
    """Its thumbnail, in front and readable, is never the picture."""
    stamp = page(160, 107, 1)
    leaf = Leaf({**stamp.tags, **marks}, stamp.strips, [sensor(1000, 700)])
    assert refusal(tiffs.tiff([leaf], order)) == (
        f"a camera raw file ({name}) without a full-size preview: export it as JPEG or TIFF"
    )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_raw_file_is_shown_by_its_full_size_preview(order: str, orientation: int) -> None:
    """The largest JPEG, turned and signed as the raw file says; what it is, is told."""
    stamp, jpeg = page(160, 107, 1), saved(quarters(960, 640), "JPEG", quality=95)
    marks = {
        MAKE: text("NIKON"),
        ARTIST: text("Ada"),
        tiffs.ORIENTATION: (tiffs.SHORT, [orientation]),
    }
    small = preview(saved(Image.new("RGB", (320, 240)), "JPEG"), (320, 240))
    below = [small, sensor(1000, 700), preview(jpeg, (960, 640))]
    picture = rendered(tiffs.tiff([Leaf({**stamp.tags, **marks}, stamp.strips, below)], order))
    upright = [RED, GREEN, BLUE, YELLOW] if orientation == 1 else [BLUE, RED, YELLOW, GREEN]
    assert (picture.content_type, picture.changed_format) == ("image/jpeg", True)
    assert far(corners(seen(picture)), upright) < 16
    assert seen(picture).getexif()[ARTIST] == "Ada"
    assert picture.warnings == ("a camera raw file (NEF): shown by its own preview of 960 x 640",)


def test_a_preview_in_part_size_is_not_the_picture() -> None:
    """Three quarters of the sensor's width are no full size."""
    jpeg = saved(quarters(750, 500), "JPEG")
    leaf = Leaf({MAKE: text("SONY")}, (), [sensor(1000, 700), preview(jpeg, (750, 500))])
    assert "(ARW) without a full-size preview" in refusal(tiffs.tiff([leaf]))


@pytest.mark.parametrize("frame", [0xC3, 0xC9])
def test_a_jpeg_of_a_kind_no_browser_shows_is_no_preview(frame: int) -> None:
    """A sensor's data is often lossless JPEG, which is no picture."""
    jpeg = saved(quarters(1000, 700), "JPEG").replace(b"\xff\xc0", bytes((0xFF, frame)))
    leaf = Leaf({MAKE: text("SONY")}, (), [sensor(1000, 700), preview(jpeg, (1000, 700))])
    assert "without a full-size preview" in refusal(tiffs.tiff([leaf]))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9])
def test_a_cut_file_is_refused_as_damaged(share: float) -> None:
    """Whatever is missing, no directory is followed out of the file."""
    data = tiffs.tiff([page(30, 20, 1), page(120, 80)])
    assert refusal(data[: int(len(data) * share)]).startswith("damaged")


def test_what_pillow_itself_writes_is_read() -> None:
    """The writer above is not alone in the world."""
    stream = BytesIO()
    quarters().save(stream, "TIFF", compression="tiff_lzw", big_tiff=True)
    assert far(corners(seen(rendered(stream.getvalue()))), [RED, GREEN, BLUE, YELLOW]) < 16


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("big", [False, True])
def test_all_pages_become_pictures_where_that_is_asked_for(order: str, *, big: bool) -> None:
    """In their order, of the renditions that ask for it; a thumbnail among them is no page."""
    leaves = [page(120, 80), page(30, 20, 1), page(90, 60), page(60, 40)]
    several = Rendition(name="each", watermark=None, pages="all", format="webp")
    recipe = Recipe((Rendition(watermark=None), several))
    made = render(tiffs.tiff(leaves, order, big=big), recipe)
    assert [(each.name, each.width) for each in made] == [
        ("", 120), ("each", 120), ("each-page-2", 90), ("each-page-3", 60),
    ]  # fmt: skip
    told = ("3 pages: only the first is kept",)
    assert [each.warnings for each in made] == [told, (), (), ()]
    assert all(far(corners(seen(each)), [RED, GREEN, BLUE, YELLOW]) < 30 for each in made)


def test_a_page_that_cannot_be_shown_is_left_out_and_told() -> None:
    """The others are whole."""
    broken = tiffs.picture((50, 40), (8, 8, 8), 2, [b"no LZW"], compression=5)
    made = render(
        tiffs.tiff([page(120, 80), broken, page(60, 40)]),
        Recipe((Rendition(watermark=None, pages="all"),)),
    )
    assert [each.name for each in made] == ["", "page-3"]
    (warning,) = made[0].warnings
    assert warning.startswith("page 2 is left out: damaged")


def test_pages_stop_at_a_hundred_and_at_the_budget() -> None:
    """Whatever a file claims."""
    recipe = Recipe((Rendition(watermark=None, pages="all"),))
    made = render(tiffs.tiff([page(2, 2)] * 103), recipe)
    assert len(made) == 100
    assert made[0].warnings == ("more than 100 pages: the others are left out",)
    large = tiffs.tiff([page(20, 20), page(4000, 3000), page(30, 20)])
    made = render(large, recipe, Budget(memory=180 << 20))
    assert [each.name for each in made] == ["", "page-3"]
    assert "MiB of memory are needed" in made[0].warnings[0]


def test_pages_are_of_tiff_alone() -> None:
    """Everything else has one picture."""
    recipe = Recipe((Rendition(watermark=None, pages="all"),))
    assert len(render(saved(quarters(), "PNG"), recipe)) == 1
