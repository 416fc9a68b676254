"""Colour: known colours through every mode and profile come out as the same sRGB."""

from __future__ import annotations

import struct
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from PIL import Image, ImageCms

from handler.image import render
from handler.image.colour import convert
from handler.recipe import Recipe, Rendition
from tests.support.pictures import rendered, saved, seen

ORANGE = (200, 100, 50)
# ORANGE's luma.
GREY = (124, 124, 124)

Colour = tuple[int, ...]
XYZ = tuple[float, float, float]
# sRGB's primaries as a profile writes them, adapted to D50.
SRGB: tuple[XYZ, XYZ, XYZ] = (
    (0.4361, 0.2225, 0.0139),
    (0.3851, 0.7169, 0.0971),
    (0.1431, 0.0606, 0.7141),
)

GREEN_LAB = (150, 90, 150)
WHITE_D50 = (0.9642, 1.0, 0.8249)


def shown(source: bytes, **settings: Any) -> Colour:
    """Return the RGB colour in the middle of the rendered picture, which must carry no profile."""
    image = seen(rendered(source, **{"format": "png", "width": 40, "height": 40, **settings}))
    assert "icc_profile" not in image.info
    pixel = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return pixel


def near(colour: Colour, wanted: Colour, by: int = 3) -> bool:
    """Whether two colours differ by at most ``by`` in every channel."""
    return all(abs(a - b) <= by for a, b in zip(colour, wanted, strict=True))


def plain(mode: str) -> Image.Image:
    """ORANGE in a mode."""
    return Image.new("RGB", (80, 80), ORANGE).convert(mode)


@pytest.mark.parametrize(("mode", "name"), [
    ("RGB", "TIFF"), ("RGBA", "TIFF"), ("RGBX", "TIFF"), ("CMYK", "TIFF"), ("YCbCr", "TIFF"),
    ("LAB", "TIFF"), ("RGB", "PNG"), ("RGBA", "PNG"), ("RGB", "JPEG"), ("CMYK", "JPEG"),
    ("YCbCr", "JPEG"), ("RGB", "BMP"), ("RGBA", "BMP"), ("RGB", "JPEG2000"), ("RGBA", "JPEG2000"),
    ("RGB", "ICO"), ("RGBA", "ICO"), ("RGB", "WEBP"), ("RGB", "AVIF"), ("RGB", "GIF"),
])  # fmt: skip
def test_colour_survives_every_mode(mode: str, name: str) -> None:
    """A colour is the same colour whatever mode and format it is stored in."""
    assert near(shown(saved(plain(mode), name)), ORANGE)


@pytest.mark.parametrize(
    ("mode", "name"),
    [("L", "TIFF"), ("LA", "TIFF"), ("L", "PNG"), ("LA", "PNG"), ("L", "JPEG"), ("L", "JPEG2000")],
)
def test_grey_survives_and_stays_grey(mode: str, name: str) -> None:
    """A grey picture is written in one channel."""
    source = saved(plain(mode), name)
    assert near(shown(source), GREY)
    assert seen(rendered(source, format="png")).mode == "L"


@pytest.mark.parametrize("name", ["PNG", "TIFF", "GIF", "BMP"])
def test_palettes_become_colours(name: str) -> None:
    """A picture with a palette is resized by its colours, not by its indices."""
    assert near(shown(saved(plain("RGB").quantize(16), name)), ORANGE)


def test_a_palette_with_an_alpha_channel_becomes_colours() -> None:
    """PA, which TIFF can hold."""
    assert near(shown(saved(plain("RGB").quantize(16).convert("PA"), "TIFF")), ORANGE)


@pytest.mark.parametrize("name", ["PNG", "TIFF", "BMP"])
def test_bits_become_grey(name: str) -> None:
    """Black and white pixels average to grey when they are made smaller."""
    board = Image.frombytes("1", (80, 80), (b"\xaa" * 10 + b"\x55" * 10) * 40)
    image = seen(rendered(saved(board, name), format="png", width=8, height=8))
    assert image.mode == "L"
    assert all(118 <= level <= 137 for level in image.tobytes())


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I;16L"])
@pytest.mark.parametrize("level", [0, 257, 25_700, 65_535])
def test_sixteen_bits_are_scaled_not_clipped(mode: str, level: int) -> None:
    """The upper byte of a 16-bit grey is its 8-bit grey, in every byte order."""
    assert near(shown(saved(Image.new(mode, (80, 80), level), "TIFF")), (level // 257,) * 3, by=1)


def test_sixteen_bit_png_is_scaled() -> None:
    """PNG's 16-bit grey too."""
    assert near(shown(saved(Image.new("I;16", (80, 80), 25_700), "PNG")), (100, 100, 100), by=1)


def test_sixteen_bit_rgb_is_scaled() -> None:
    """TIFF's 16 bits a channel, which Pillow cannot write: baseline TIFF 6.0, one strip."""
    pixels = struct.pack("<3H", *(value * 257 for value in ORANGE)) * (40 * 40)
    assert near(shown(tiff_rgb16(40, 40, pixels)), ORANGE)


@pytest.mark.parametrize(
    ("mode", "value", "grey"),
    [("I", 25_700, 100), ("I", 100, 100), ("F", 0.5, 128), ("F", 100.0, 100), ("F", 25_700.0, 100)],
)
def test_wide_numbers_find_their_white(mode: str, value: float, grey: int) -> None:
    """Of I and F, the nearest usual white above the brightest pixel is taken.

    They do not say what white is.
    """
    assert near(shown(saved(Image.new(mode, (80, 80), value), "TIFF")), (grey,) * 3, by=1)


def test_inks_are_stored_inverted_whoever_wrote_them() -> None:
    """As browsers show them: with Adobe's marker, and without it."""
    adobe = saved(plain("CMYK"), "JPEG", quality=95)
    without_marker = adobe.replace(b"\xff\xee\x00\x0eAdobe", b"\xff\xed\x00\x0eOther", 1)
    assert without_marker != adobe
    assert near(shown(adobe), ORANGE)
    assert near(shown(without_marker), ORANGE)


def test_an_embedded_profile_is_applied() -> None:
    """A profile whose red and green are changed over turns red into green, and is not kept."""
    red, green, blue = SRGB
    source = saved(
        Image.new("RGB", (80, 80), (255, 0, 0)),
        "PNG",
        icc_profile=matrix_profile((green, red, blue)),
    )
    assert near(shown(source), (0, 255, 0), by=6)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_profile_is_applied_in_every_rgb_mode(mode: str) -> None:
    """Alpha and palettes do not keep a profile from being applied."""
    red, green, blue = SRGB
    image = Image.new("RGB", (80, 80), (255, 0, 0)).convert(mode)
    if mode == "RGBA":
        image.putalpha(128)
    assert near(
        shown(saved(image, "PNG", icc_profile=matrix_profile((green, red, blue)))),
        (0, 255, 0),
        by=6,
    )


@pytest.mark.parametrize("colour", ["srgb", "p3"])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK"])
def test_what_is_converted_in_its_own_place_is_as_what_is_not(mode: str, colour: str) -> None:
    """Which leaves the picture that it came from as it is."""
    red, green, blue = SRGB
    meaning = matrix_profile((green, red, blue))
    image = Image.radial_gradient("L").convert(mode)
    before = image.tobytes()
    wanted = convert.converted(image, meaning, colour)
    assert image.tobytes() == before
    made = convert.overwritten(image, meaning, colour)
    assert (made.mode, made.info, made.tobytes()) == (wanted.mode, wanted.info, wanted.tobytes())


def test_two_colours_of_a_size_are_each_of_the_source() -> None:
    """One is not made of what the other was overwritten with."""
    red, green, blue = SRGB
    source = saved(plain("RGB"), "PNG", icc_profile=matrix_profile((green, red, blue)))
    pair = (Rendition(watermark=None), Rendition("b", watermark=None, colour="p3"))
    alone = [render(source, Recipe((replace(each, name=""),)))[0].body for each in pair]
    assert [each.body for each in render(source, Recipe(pair))] == alone


def test_a_grey_profile_is_applied() -> None:
    """A grey profile of gamma 1.0 is linear light: its half is sRGB's 188."""
    source = saved(Image.new("L", (80, 80), 128), "PNG", icc_profile=grey_profile())
    assert near(shown(source), (188, 188, 188), by=2)


def test_an_srgb_profile_changes_nothing() -> None:
    """Numbers that already are sRGB stay to the bit."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert shown(saved(plain("RGB"), "PNG", icc_profile=profile)) == ORANGE


@pytest.mark.parametrize(("mode", "profile"), [
    *product(["RGB", "RGBA"], ["broken", "grey", "cmyk"]),
    *product(["L", "LA"], ["broken", "matrix", "cmyk"]),
    *product(["CMYK"], ["broken", "grey", "matrix"]),
])  # fmt: skip
def test_a_profile_that_does_not_fit_is_ignored(mode: str, profile: str) -> None:
    """Broken and mismatched profiles never refuse a picture."""
    profiles = {
        "broken": b"not a profile",
        "grey": grey_profile(),
        "matrix": matrix_profile(SRGB),
        "cmyk": ink_profile(),
    }
    wanted = ORANGE if mode in ("RGB", "RGBA", "CMYK") else GREY
    assert near(shown(saved(plain(mode), "TIFF", icc_profile=profiles[profile])), wanted)


def test_cmyk_goes_through_its_profile() -> None:
    """An ink is what the profile says it is, not what arithmetic would make of it.

    This press prints cyan as a green.
    """
    green = Image.new("LAB", (1, 1), GREEN_LAB).convert("RGB").getpixel((0, 0))
    assert isinstance(green, tuple)
    for inks, wanted in [
        ((255, 0, 0, 0), green),
        ((0, 0, 0, 0), (255, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
    ]:
        source = saved(
            Image.new("CMYK", (80, 80), inks), "JPEG", quality=95, icc_profile=ink_profile()
        )
        assert near(shown(source), wanted, by=6)


def tiff_rgb16(width: int, height: int, pixels: bytes) -> bytes:
    """An uncompressed little-endian TIFF of three 16-bit channels."""
    entries = [
        (256, 3, 1, width), (257, 3, 1, height), (258, 3, 3, 8), (259, 3, 1, 1), (262, 3, 1, 2),
        (273, 4, 1, 14), (277, 3, 1, 3), (278, 3, 1, height), (279, 4, 1, len(pixels)),
    ]  # fmt: skip
    directory = (
        struct.pack("<H", len(entries))
        + b"".join(struct.pack("<HHII", *entry) for entry in entries)
        + bytes(4)
    )
    return (
        b"II*\0"
        + struct.pack("<I", 14 + len(pixels))
        + struct.pack("<3H", 16, 16, 16)
        + pixels
        + directory
    )


def matrix_profile(
    primaries: tuple[XYZ, XYZ, XYZ], name: bytes = b"test", gamma: float = 2.2
) -> bytes:
    """A version 2 display profile: primaries, D50 white, one gamma."""
    colorants = zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    tags = {tag: numbers(xyz) for tag, xyz in colorants}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve(gamma))
    described = {b"desc": description(name), b"wtpt": numbers(WHITE_D50)}
    return profile(b"RGB ", b"XYZ ", b"mntr", {**tags, **curves, **described})


def grey_profile() -> bytes:
    """A version 2 grey profile of linear light."""
    return profile(b"GRAY", b"XYZ ", b"mntr", {b"kTRC": curve(1.0), b"wtpt": numbers(WHITE_D50)})


def ink_profile() -> bytes:
    """A version 2 press that prints cyan as a green and all else black on white paper.

    Its lookup table has two points an axis.
    """
    ramp = bytes(range(256))
    corners = {0b0000: bytes([255, 128, 128]), 0b1000: bytes(GREEN_LAB)}
    table = b"".join(corners.get(inks, bytes([0, 128, 128])) for inks in range(16))
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    lookup = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity + ramp * 4 + table + ramp * 3
    return profile(b"CMYK", b"Lab ", b"prtr", {b"A2B0": lookup, b"wtpt": numbers(WHITE_D50)})


def numbers(xyz: XYZ) -> bytes:
    """An XYZ tag."""
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in xyz))


def curve(gamma: float) -> bytes:
    """A curve tag of one gamma, padded to four bytes."""
    return b"curv" + bytes(4) + struct.pack(">IHH", 1, round(gamma * 256), 0)


def description(name: bytes) -> bytes:
    """A description tag: the name in ASCII, none in Unicode or for the Macintosh."""
    return b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name + b"\0" + bytes(78)


def profile(space: bytes, connection: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Put tags under the 128-byte header of ICC.1:2001."""
    described = {b"desc": description(b"test"), **tags}
    offset, directory, body = 128 + 4 + 12 * len(described), b"", b""
    for name, data in described.items():
        padded = data + bytes(-len(data) % 4)
        directory += name + struct.pack(">II", offset + len(body), len(data))
        body += padded
    size = offset + len(body)
    header = struct.pack(
        ">I4sI4s4s4s", size, b"test", 0x02400000, kind, space, connection
    ) + struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    header += (
        b"acsp" + bytes(28) + struct.pack(">3i", *(round(value * 65536) for value in WHITE_D50))
    )
    return header.ljust(128, b"\0") + struct.pack(">I", len(described)) + directory + body
