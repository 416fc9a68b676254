"""TIFF samples of every depth, order and meaning: the picture, or what kind of file it is."""

from __future__ import annotations

import itertools
import resource
import struct
import sys
from base64 import b64decode
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

from handler.image import Rejected
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

pytestmark = pytest.mark.slow

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, INKS, YCBCR, LAB = 0, 1, 2, 3, 5, 6, 8
WIDTH, HEIGHT = 59, 40  # rows that end within a byte
GREYS = [(level,) * 3 for level in (30, 180, 110, 240)]
COLOURS = [RED, GREEN, BLUE, YELLOW]
HALF = 128 / 255

Pixel = Sequence[float]


def picture(colours: Sequence[tuple[int, ...]], pixel: Callable[[Any], Pixel]) -> list[list[Pixel]]:
    """Quarters of four colours, each as the channels that ``pixel`` makes of its 0 to 1."""
    made = [pixel([level / 255 for level in colour]) for colour in colours]
    return [
        [made[2 * (y >= HEIGHT // 2) + (x >= WIDTH // 2)] for x in range(WIDTH)]
        for y in range(HEIGHT)
    ]


def light(number: float) -> float:
    """The light of a number of sRGB's, both 0 to 1 (IEC 61966-2-1)."""
    return number / 12.92 if number <= 0.04045 else ((number + 0.055) / 1.055) ** 2.4


def lab(rgb: Sequence[float]) -> Pixel:
    """A colour as a TIFF of CIE Lab has it: a and b are signed, in two's complement."""
    one = Image.new("RGB", (1, 1), tuple(round(255 * level) for level in rgb))
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    return [number / 255 for number in to_lab.apply(one).tobytes()]


def shown(data: bytes) -> Image.Image:
    """The picture that is made of ``data``."""
    return seen(rendered(data, format="png"))


MEANINGS: dict[str, tuple[int, Sequence[tuple[int, ...]], Callable[[Any], Pixel]]] = {
    "grey": (BLACK_IS_ZERO, GREYS, lambda rgb: rgb[:1]),
    "inverted grey": (WHITE_IS_ZERO, GREYS, lambda rgb: [1 - rgb[0]]),
    "RGB": (RGB, COLOURS, lambda rgb: rgb),
    "inks": (INKS, COLOURS, lambda rgb: [*(1 - level for level in rgb), 0]),
    "Lab": (LAB, COLOURS, lab),
}
LAYOUTS = list(itertools.product(("<", ">"), (1, 2), (1, 8), (0, 16)))


DEPTHS = list(itertools.product(MEANINGS, (8, 10, 12, 14, 16, 24, 32)))


@pytest.mark.parametrize(("meaning", "bits"), DEPTHS)
def test_whole_numbers_of_every_depth_and_layout_are_read(meaning: str, bits: int) -> None:
    """Either byte order, in planes or not, packed or not, in tiles or not."""
    photometric, wanted, pixel = MEANINGS[meaning]
    image = picture(wanted, pixel)
    for order, planar, compression, tile in LAYOUTS:
        data = tiffs.laid_out(
            image, photometric, bits, order, planar=planar, compression=compression, tile=tile
        )
        assert far(corners(shown(data)), wanted) <= 6, (order, planar, compression, tile)


@pytest.mark.parametrize(("kind", "most", "white"), [
    (1, 200, 255), (1, 4000, 65535), (1, 60_000, 65535), (1, 1_000_000, 1_000_000),
    (1, 2**31, 2**32 - 1), (1, 2**32 - 1, 2**32 - 1),
    (2, 200, 255), (2, 60_000, 65535), (2, 2**31 - 1, 2**31 - 1),
])  # fmt: skip
@pytest.mark.parametrize("order", ["<", ">"])
def test_counts_of_32_bits_are_not_black(kind: int, most: int, white: int, order: str) -> None:
    """What fills its range has its white there; what does not, at the usual depth above."""
    row = struct.pack(f"{order}4{' Ii'[kind]}", 0, most // 4, most // 2, most)
    leaf = tiffs.picture((4, 1), (32,), BLACK_IS_ZERO, [row])
    tags = {**leaf.tags, tiffs.FORMAT: (tiffs.SHORT, [kind])}
    made = shown(tiffs.tiff([Leaf(tags, leaf.strips)], order)).convert("L")
    wanted = [round(255 * each / white) for each in (0, most // 4, most // 2, most)]
    assert max(abs(one - other) for one, other in zip(made.tobytes(), wanted, strict=True)) <= 1


def test_below_zero_is_black() -> None:
    """As in libvips and Pillow: heights below the sea, densities below water's."""
    row = struct.pack("<4i", -(2**31), -5, 0, 255)
    leaf = tiffs.picture((4, 1), (32,), BLACK_IS_ZERO, [row])
    tags = {**leaf.tags, tiffs.FORMAT: (tiffs.SHORT, [2])}
    assert shown(tiffs.tiff([Leaf(tags, leaf.strips)])).convert("L").tobytes() == b"\0\0\0\xff"


@pytest.mark.parametrize("bits", [1, 2, 4, 6])
@pytest.mark.parametrize("meaning", ["RGB", "grey", "inverted grey"])
def test_few_bits_are_read(meaning: str, bits: int) -> None:
    """Black and white, in every channel, at least."""
    photometric, _, pixel = MEANINGS[meaning]
    wanted = [(0, 0, 0), (255, 255, 255), (255, 255, 255), (0, 0, 0)]
    for order, planar, compression in itertools.product(("<", ">"), (1, 2), (1, 8)):
        image = picture(wanted, pixel)
        data = tiffs.laid_out(
            image, photometric, bits, order, planar=planar, compression=compression
        )
        assert corners(shown(data)) == wanted, (order, planar, compression)


@pytest.mark.parametrize("bits", [16, 32, 64])
@pytest.mark.parametrize("meaning", ["grey", "inverted grey", "RGB"])
def test_floating_numbers_are_read(meaning: str, bits: int) -> None:
    """0 is black and 1 is white; colours are light."""
    photometric, wanted, pixel = MEANINGS[meaning]
    shade = (lambda rgb: [light(each) for each in rgb]) if meaning == "RGB" else pixel
    for order, planar, compression, tile in LAYOUTS:
        data = tiffs.laid_out(
            picture(wanted, shade), photometric, bits, order,
            kind=3, planar=planar, compression=compression, tile=tile,
        )  # fmt: skip
        assert far(corners(shown(data)), wanted) <= 3, (order, planar, compression, tile)


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0])
def test_floating_colours_are_light(top: float) -> None:
    """Without a curve, as libvips takes them: a fifth of white's light is no dark grey."""
    image = picture([(255, 255, 255)] * 4, lambda _: [top * 0.5, top * 0.2, top * 0.05])
    image[0][0] = [top] * 3
    data = tiffs.laid_out(image, RGB, 32, kind=3)
    assert far(corners(shown(data))[1:], [(188, 124, 63)] * 3) <= 2


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0, 90000.0])
def test_the_white_of_floating_numbers_is_the_usual_one_above_the_brightest(top: float) -> None:
    """They do not say what it is."""
    image = picture([(round(255 * 0.5),) * 3] * 3 + [(255,) * 3], lambda rgb: [rgb[0] * top])
    data = tiffs.laid_out(image, BLACK_IS_ZERO, 32, kind=3)
    assert far(corners(shown(data)), [(128,) * 3] * 3 + [(255,) * 3]) <= 2


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("meaning", ["grey", "RGB", "Lab"])
def test_transparency_is_kept_at_every_depth(meaning: str, bits: int) -> None:
    """ExtraSamples 2: alpha that is not multiplied in."""
    photometric, wanted, pixel = MEANINGS[meaning]
    image = picture(wanted, lambda rgb: [*pixel(rgb), HALF])
    for planar, compression in itertools.product((1, 2), (1, 8)):
        data = tiffs.laid_out(
            image, photometric, bits, planar=planar, compression=compression, extra=[2]
        )
        made = shown(data).convert("RGBA")
        assert far(corners(made), wanted) <= 6, (planar, compression)
        assert made.getchannel("A").getextrema() == (128, 128)


@pytest.mark.parametrize("bits", [16, 32])
def test_light_that_is_multiplied_by_its_transparency_is_divided_first(bits: int) -> None:
    """ExtraSamples 1: sRGB's curve is for the light itself."""
    image = picture(COLOURS, lambda rgb: [*(light(each) / 2 for each in rgb), 0.5])
    made = shown(tiffs.laid_out(image, RGB, bits, kind=3, extra=[1])).convert("RGBA")
    assert far(corners(made), COLOURS) <= 4
    assert made.getchannel("A").getextrema() == (128, 128)


# Quarters of 8 x 8 pixels, as no Pillow writes them: white, a quarter, black, and three fifths.
DEEP_JPEG = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQIBAQEBAQIBAQECAgICAgICAgIDAwQDAwMDAwICAwQD"
    "AwQEBAQEAgMFBQQEBQQEBAT/wQALDAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAC//EACMQAAEBBQkAAAAAAAAAAAAA"
    "ABccCQsYGRsNGh4nK0dLaGn/2gAIAQEAAD8ANVeG1pL+I+SUJoxiNlRsp/5FBQ21GyobBTzHYbQBwB3G3tAf5oOygUzb/9k="
)


def test_twelve_bits_of_jpeg_are_read_where_they_are_grey() -> None:
    """Pillow takes them for the eight it asks libtiff for; colours are refused by name."""
    leaf = tiffs.picture((8, 8), (12,), BLACK_IS_ZERO, [b64decode(DEEP_JPEG)], compression=7)
    wanted = [(255,) * 3, (62,) * 3, (0,) * 3, (156,) * 3]
    assert far(corners(shown(tiffs.tiff([leaf])).convert("RGB")), wanted) <= 2
    leaf = tiffs.picture((8, 8), (12,) * 3, 6, [b64decode(DEEP_JPEG)], compression=7)
    with pytest.raises(Rejected, match=r"^a TIFF of YCbCr of 12 bits, which is not read$"):
        rendered(tiffs.tiff([leaf]))


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("extra", [[0], [0, 0], [0, 0, 0, 0], [0, 2], [2, 0]])
@pytest.mark.parametrize("meaning", ["grey", "RGB", "inks"])
def test_saved_selections_are_no_part_of_the_picture(
    meaning: str, extra: list[int], bits: int
) -> None:
    """Photoshop's alpha channels: samples of no meaning behind the colours."""
    photometric, wanted, pixel = MEANINGS[meaning]
    beside = [1.0 if kind else 0.3 for kind in extra]
    image = picture(wanted, lambda rgb: [*pixel(rgb), *beside])
    for planar in (1, 2):
        data = tiffs.laid_out(image, photometric, bits, planar=planar, extra=extra)
        made = shown(data)
        assert not made.has_transparency_data
        assert far(corners(made), wanted) <= 6, planar


@pytest.mark.parametrize("bits", [8, 16])
def test_inks_with_transparency_lie_on_white_paper(bits: int) -> None:
    """Pillow has no such mode."""
    image = picture(COLOURS, lambda rgb: [*(1 - level for level in rgb), 0, HALF])
    wanted = [tuple(round(255 - (255 - level) * HALF) for level in rgb) for rgb in COLOURS]
    data = tiffs.laid_out(image, INKS, bits, extra=[2])
    assert far(corners(shown(data)), wanted) <= 4


@pytest.mark.parametrize("most", [255, 65535])
def test_a_palette_of_8_or_16_bits_is_read(most: int) -> None:
    """Older scanners wrote levels of 8 bits where TIFF has 16."""
    leaf = tiffs.picture((2, 2), (8,), PALETTE, [bytes([0, 1, 2, 3])])
    levels = [
        colour[channel] * most // 255
        for channel in range(3)
        for colour in (*COLOURS, *[(0, 0, 0)] * 252)
    ]
    data = tiffs.tiff([Leaf({**leaf.tags, tiffs.COLOURS: (tiffs.SHORT, levels)}, leaf.strips)])
    made = shown(data).convert("RGB")
    assert [made.getpixel(at) for at in ((0, 0), (1, 0), (0, 1), (1, 1))] == COLOURS


@pytest.mark.parametrize("across", [1, 2])
def test_ycbcr_without_jpeg_is_read_with_fewer_samples_of_colour(across: int) -> None:
    """One Cb and one Cr for ``across`` squared pixels, behind their Y."""
    ycc = quarters(64, 48).convert("YCbCr")
    luma, *chroma = ycc.split()
    small = [each.resize((64 // across, 48 // across), Image.Resampling.BOX) for each in chroma]
    units = bytearray()
    for y, x in itertools.product(range(48 // across), range(64 // across)):
        box = (x * across, y * across, (x + 1) * across, (y + 1) * across)
        units += luma.crop(box).tobytes() + bytes(each.crop((x, y, x + 1, y + 1)).tobytes()[0]
                                                  for each in small)  # fmt: skip
    leaf = tiffs.picture((64, 48), (8, 8, 8), YCBCR, [bytes(units)])
    tags = {**leaf.tags, 530: (tiffs.SHORT, [across, across])}
    assert far(corners(shown(tiffs.tiff([Leaf(tags, leaf.strips)]))), COLOURS) <= 4


@pytest.mark.parametrize(("compression", "name", "coded"), [
    (33003, "JPEG2000", "YCbCr"), (33004, "JPEG2000", "YCbCr"), (33005, "JPEG2000", "RGB"),
    (34712, "JPEG2000", "RGB"), (50001, "WEBP", "RGB"),
])  # fmt: skip
@pytest.mark.parametrize("tile", [0, 64])
def test_parts_that_are_pictures_of_another_format_are_read(
    compression: int, name: str, coded: str, tile: int
) -> None:
    """JPEG 2000 of slide scanners and archives, WebP of libtiff's."""
    whole = quarters(120, 80)
    side = (tile, tile) if tile else whole.size
    alone = {"no_jp2": True, "mct": int(coded == "RGB")}
    options = alone if name == "JPEG2000" else {"lossless": True}
    parts = []
    for top, left in itertools.product(range(0, 80, side[1]), range(0, 120, side[0])):
        cut = whole.crop((left, top, left + side[0], top + side[1]))
        body = Image.frombytes("RGB", cut.size, cut.convert(coded).tobytes())
        parts.append(saved(body, name, **options))
    leaf = tiffs.picture(whole.size, (8, 8, 8), RGB, parts, compression=compression)
    tags = dict(leaf.tags)
    if tile:
        tags |= {322: (tiffs.LONG, [tile]), 323: (tiffs.LONG, [tile])}
    assert far(corners(shown(tiffs.tiff([Leaf(tags, parts)]))), COLOURS) <= 12


@pytest.mark.parametrize("compression", [33003, 33004, 34712])
def test_jpeg_2000_that_mixes_its_channels_has_rgb(compression: int) -> None:
    """Whatever the number of the compression would have it be."""
    whole = quarters(120, 80)
    parts = [saved(whole, "JPEG2000", no_jp2=True, mct=1)]
    leaf = tiffs.picture(whole.size, (8, 8, 8), RGB, parts, compression=compression)
    assert far(corners(shown(tiffs.tiff([leaf]))), COLOURS) <= 12


def test_grey_of_another_format_is_inverted_where_white_is_zero() -> None:
    """The outer directory decides what its numbers mean."""
    part = saved(Image.linear_gradient("L"), "JPEG2000", no_jp2=True, irreversible=False)
    leaf = tiffs.picture((256, 256), (8,), WHITE_IS_ZERO, [part], compression=34712)
    assert shown(tiffs.tiff([leaf])).convert("L").getpixel((5, 20)) == 235


@pytest.mark.parametrize(("changes", "words"), [
    ({tiffs.COMPRESSION: 34887}, "compression"),
    ({tiffs.PHOTOMETRIC: 32844, tiffs.COMPRESSION: 50000}, ""),
    ({tiffs.PHOTOMETRIC: 999}, "colours are coded"),
    ({tiffs.FORMAT: 6, tiffs.BITS: 64}, "complex numbers"),
    ({tiffs.FORMAT: 3, tiffs.BITS: 24}, "24-bit floating numbers"),
    ({tiffs.BITS: 64}, "64 bits a channel"),
    ({tiffs.SAMPLES: 40}, "more than 32 channels"),
    ({tiffs.SAMPLES: 65535}, "more than 32 channels"),
])  # fmt: skip
def test_what_is_not_read_is_named_for_what_it_is(changes: dict[int, int], words: str) -> None:
    """Never damaged, for the file is whole."""
    leaf = tiffs.picture((8, 8), (16,), BLACK_IS_ZERO, [bytes(1024)])
    tags = {**leaf.tags, **{tag: (tiffs.SHORT, [value]) for tag, value in changes.items()}}
    with pytest.raises(Rejected) as caught:
        rendered(tiffs.tiff([Leaf(tags, leaf.strips)]))
    assert words in str(caught.value)
    assert str(caught.value).startswith("a TIFF") or not words


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("compression", [1, 8])
def test_samples_that_are_cut_are_damaged(share: float, compression: int) -> None:
    """Directory first, so that the data is what is missing."""
    image = picture(COLOURS, lambda rgb: rgb)
    data = bytearray(tiffs.laid_out(image, RGB, 16, planar=2, compression=compression))
    kept = len(data) - int(len(data) * share)
    data[8 : 8 + kept // 2] = bytes(kept // 2)
    if compression == 8:
        with pytest.raises(Rejected, match=r"^damaged"):
            rendered(bytes(data))
    else:
        assert rendered(bytes(data)).width == WIDTH


def test_what_pillow_writes_is_read_as_pillow_reads_it() -> None:
    """The writer above is not alone in the world."""
    stream = BytesIO()
    quarters().save(stream, "TIFF", compression="tiff_lzw")
    assert far(corners(shown(stream.getvalue())), COLOURS) <= 2


@pytest.mark.parametrize("side", [0, 1 << 20, 1 << 31, (1 << 32) - 16])
@pytest.mark.parametrize("which", [322, 323])
@pytest.mark.parametrize("planar", [1, 2])
def test_no_tile_takes_more_memory_than_its_picture(which: int, side: int, planar: int) -> None:
    """Whatever length a file claims for its tiles, Pillow or we read it."""
    data = tiffs.laid_out(picture(COLOURS, lambda rgb: rgb), RGB, 16, planar=planar, tile=16)
    entry = struct.pack("<HHII", which, tiffs.LONG, 1, 16)
    assert data.count(entry) == 1
    broken = data.replace(entry, struct.pack("<HHII", which, tiffs.LONG, 1, side))
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Rejected, match=r"^damaged"):
        rendered(broken)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 64 << 20
