"""BMP: pixels whose bits are told by masks, in any order and of any length."""

from __future__ import annotations

import struct

import pytest

from handler.image import Rejected
from handler.image.source import open_source
from handler.recipe import Limits
from tests.handler.image.test_colour import SRGB, matrix_profile
from tests.support.pictures import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    corners,
    far,
    quarters,
    rendered,
    seen,
)

WIDTH, HEIGHT = 61, 40
LAYOUTS = {
    "5-6-5, Pillow's own": (16, (0xF800, 0x07E0, 0x001F), 0),
    "4-4-4-4": (16, (0x0F00, 0x00F0, 0x000F), 0xF000),
    "4-4-4": (16, (0x0F00, 0x00F0, 0x000F), 0),
    "3-3-2 at the bottom": (16, (0xE0, 0x1C, 0x03), 0),
    "6-5-5, colours swapped": (16, (0x001F, 0x03E0, 0xFC00), 0),
    "10-10-10-2": (32, (0x3FF00000, 0x000FFC00, 0x000003FF), 0xC0000000),
    "10-10-10": (32, (0x000003FF, 0x000FFC00, 0x3FF00000), 0),
    "11-11-10": (32, (0xFFE00000, 0x001FFC00, 0x000003FF), 0),
    "8-8-8-8 in an order of its own": (32, (0xFF00, 0xFF, 0xFF000000), 0xFF0000),
}


def placed(level: int, mask: int) -> int:
    """A level of 0 to 255 in the bits of ``mask``."""
    most = (1 << mask.bit_count()) - 1
    return round(level * most / 255) << (mask.bit_length() - mask.bit_count())


def bmp(depth: int, masks: tuple[int, int, int], alpha: int, *, upwards: bool = True) -> bytes:
    """Quarters, with half of their alpha where there is a mask for it."""
    image, rows = quarters(WIDTH, HEIGHT), []
    for y in range(HEIGHT):
        row = b""
        for x in range(WIDTH):
            pixel = image.getpixel((x, y))
            assert isinstance(pixel, tuple)
            number = sum(placed(int(level), m) for level, m in zip(pixel, masks, strict=True))
            number |= placed(170, alpha) if alpha else 0
            row += number.to_bytes(depth // 8, "little")
        rows.append(row + bytes(-len(row) % 4))
    header = struct.pack(
        "<I2i2H6I", 124, WIDTH, HEIGHT if upwards else -HEIGHT, 1, depth, 3, *[0] * 5
    )
    header += struct.pack("<4I", *masks, alpha)
    header = header.ljust(124, b"\0")
    head = b"BM" + struct.pack("<3I", 0, 0, 14 + len(header))
    return head + header + b"".join(reversed(rows) if upwards else rows)


@pytest.mark.parametrize("upwards", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_pixels_are_read_by_any_masks(layout: str, *, upwards: bool) -> None:
    """From the bottom up, as usual, or from the top down."""
    depth, masks, alpha = LAYOUTS[layout]
    image = seen(rendered(bmp(depth, masks, alpha, upwards=upwards), format="png")).convert("RGBA")
    fewest = min(mask.bit_count() for mask in masks)
    assert far(corners(image), [RED, GREEN, BLUE, YELLOW]) <= 255 / (2**fewest - 1) / 2 + 2
    wanted = (170, 170) if alpha else (255, 255)
    assert image.getchannel("A").getextrema() == wanted


@pytest.mark.parametrize("cut", [1, 100, 4000])
def test_a_file_that_is_cut_is_damaged(cut: int) -> None:
    """Whatever is missing."""
    with pytest.raises(Rejected, match=r"^damaged: the file ends early$"):
        rendered(bmp(*LAYOUTS["4-4-4"])[:-cut])


def test_masks_of_nothing_are_a_kind_that_is_not_read() -> None:
    """There is no such picture."""
    with pytest.raises(Rejected, match=r"^a BMP of a kind that is not read$"):
        rendered(bmp(16, (0, 0, 0), 0))


def test_a_colour_without_a_mask_is_dark() -> None:
    """As in Chromium."""
    image = seen(rendered(bmp(16, (0x0F00, 0, 0x000F), 0), format="png"))
    without_green = [(red, 0, blue) for red, _, blue in (RED, GREEN, BLUE, YELLOW)]
    assert far(corners(image), without_green) <= 11


@pytest.mark.parametrize("header", [56, 108, 124])
@pytest.mark.parametrize(("mask", "alpha"), [(0x8000, (0, 255)), (0, (255, 255))])
def test_one_bit_of_sixteen_may_be_transparency(
    header: int, mask: int, alpha: tuple[int, int]
) -> None:
    """Where a mask says so, and not otherwise."""
    pixels = struct.pack("<4H", 0x7FFF, 0xFFFF, 0x001F, 0x801F) * 8
    facts = struct.pack("<I2i2H6I4I", header, 4, 8, 1, 16, 3, *[0] * 5, 0x7C00, 0x3E0, 0x1F, mask)
    head = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 14 + header)
    made = seen(rendered(head + facts.ljust(header, b"\0") + pixels, format="png"))
    assert made.convert("RGBA").getchannel("A").getextrema() == alpha


@pytest.mark.parametrize("header", [16, 20, 28, 36])
@pytest.mark.parametrize("depth", [8, 24])
def test_os_2s_header_may_be_cut(header: int, depth: int) -> None:
    """What is missing is 0; the first of its lengths is the usual one."""
    palette = bytes([30, 60, 200, 0]) * 256 if depth == 8 else b""
    pixels = bytes(64) if depth == 8 else bytes([30, 60, 200]) * 64
    facts = struct.pack("<I2i2H", header, 8, 8, 1, depth).ljust(header, b"\0")
    start = 14 + header + len(palette)
    head = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    made = seen(rendered(head + facts + palette + pixels, format="png")).convert("RGB")
    assert made.getcolors() == [(64, (200, 60, 30))]


@pytest.mark.parametrize(("space", "shown"), [(b"DEBM", (0, 255, 0)), (b"BGRs", (255, 0, 0))])
def test_a_profile_in_the_file_is_applied(space: bytes, shown: tuple[int, int, int]) -> None:
    """One that changes red and green over, where the header says that it tells the colours."""
    red, green, blue = SRGB
    profile = matrix_profile((green, red, blue))
    pixels = bytes([0, 0, 255]) * 64
    facts = struct.pack("<I2i2H6I", 124, 8, 8, 1, 24, *[0] * 6).ljust(56, b"\0") + space
    facts = facts.ljust(112, b"\0") + struct.pack("<3I", 124 + len(pixels), len(profile), 0)
    head = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 138)
    made = seen(rendered(head + facts + pixels + profile, format="png")).convert("RGB")
    assert far([made.getpixel((3, 3))], [shown]) <= 6  # type: ignore[list-item]


@pytest.mark.parametrize("header", [40, 108, 124])
def test_a_fourth_byte_without_a_mask_is_no_alpha(header: int) -> None:
    """As in Chromium: whatever the header's version, plain 32 bits are opaque."""
    pixels = bytes([30, 60, 200, 128, 30, 60, 200, 255]) * 32
    facts = struct.pack("<I2i2H2I2i2I", header, 8, 8, 1, 32, 0, len(pixels), 0, 0, 0, 0)
    head = struct.pack("<2sIHHI", b"BM", 14 + header + len(pixels), 0, 0, 14 + header)
    data = head + facts.ljust(header, b"\0") + pixels
    made = seen(rendered(data, format="png")).convert("RGBA")
    assert made.getcolors() == [(64, (200, 60, 30, 255))]


def test_masks_behind_an_old_header_may_have_one_of_transparency() -> None:
    """BI_ALPHABITFIELDS, of Windows CE: four masks behind a header of 40 bytes."""
    pixels = bytes([200, 60, 30, 170]) * 64
    facts = struct.pack("<I2i2H2I2i2I", 40, 8, 8, 1, 32, 6, len(pixels), 0, 0, 0, 0)
    masks = struct.pack("<4I", 0xFF, 0xFF00, 0xFF0000, 0xFF000000)
    head = struct.pack("<2sIHHI", b"BM", 70 + len(pixels), 0, 0, 70)
    made = seen(rendered(head + facts + masks + pixels, format="png")).convert("RGBA")
    assert made.getcolors() == [(64, (200, 60, 30, 170))]


@pytest.mark.parametrize("colours", [257, 300, 5000])
@pytest.mark.parametrize("header", [40, 124])
def test_a_palette_may_be_longer_than_its_pixels_can_tell(header: int, colours: int) -> None:
    """In the file, or by its header's word alone."""
    palette = bytes([30, 60, 200, 0]) * 300
    start = 14 + header + len(palette)
    facts = struct.pack("<I2i2H2I2i2I", header, 8, 8, 1, 8, 0, 64, 0, 0, colours, 0)
    head = struct.pack("<2sIHHI", b"BM", start + 64, 0, 0, start)
    data = head + facts.ljust(header, b"\0") + palette + bytes(range(64))
    made = seen(rendered(data, format="png")).convert("RGB")
    assert made.getcolors() == [(64, (200, 60, 30))]


def numbered(depth: int, coding: int, pixels: bytes, colours: int = 4) -> bytes:
    """A BMP of 8 x 4 numbers of a palette of red, green, blue and yellow."""
    palette = b"".join(bytes([*reversed(colour), 0]) for colour in (RED, GREEN, BLUE, YELLOW))
    facts = struct.pack("<I2i2H2I2i2I", 40, 8, 4, 1, depth, coding, len(pixels), 0, 0, colours, 0)
    head = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 54 + len(palette))
    return head + facts + palette + pixels


@pytest.mark.parametrize("end", [b"\0\1", b"\0\2\0\2\0\1"])
@pytest.mark.parametrize(("coding", "depth", "value"), [(1, 8, 3), (2, 4, 0x33)])
def test_what_runs_leave_out_is_black(coding: int, depth: int, value: int, end: bytes) -> None:
    """As in Chromium: before a run, and where they end before the picture does."""
    runs = bytes([0, 2, 4, 0, 4, value, 0, 0, 0, 4, *[value] * (2 if depth == 4 else 4)]) + end
    image = seen(rendered(numbered(depth, coding, runs), format="png")).convert("RGB")
    wanted = [(4, 3, YELLOW), (0, 2, YELLOW), (0, 3, (0, 0, 0)), (4, 2, (0, 0, 0))]
    assert [image.getpixel((x, y)) for x, y, _ in wanted] == [colour for *_, colour in wanted]
    assert image.crop((0, 0, 8, 2)).getcolors() == [(16, (0, 0, 0))]


def test_runs_that_are_cut_are_damaged() -> None:
    """They end without saying so."""
    with pytest.raises(Rejected, match=r"^damaged: the file ends early$"):
        rendered(numbered(8, 1, bytes([8, 3, 0, 0])))


@pytest.mark.parametrize("colours", [0, 4])
def test_two_bits_a_pixel_are_read(colours: int) -> None:
    """As in Chromium, whose Windows CE they come from."""
    rows = bytes([0b00011011, 0b11100100, 0, 0]) * 4
    image = seen(rendered(numbered(2, 0, rows, colours), format="png")).convert("RGB")
    row = [image.getpixel((x, 1)) for x in range(8)]
    assert row == [RED, GREEN, BLUE, YELLOW, YELLOW, BLUE, GREEN, RED]


def test_the_time_of_runs_goes_by_their_bytes() -> None:
    """Each is gone through by itself, however few pixels it tells."""
    few, many = (
        open_source(numbered(8, 1, runs + b"\0\1"), Limits()).image
        for runs in (b"\4\1", b"\1\1" * 400)
    )
    assert few.cost.nanoseconds * 2 < many.cost.nanoseconds  # type: ignore[attr-defined]
