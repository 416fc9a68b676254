"""What numbers mean: whatever tells it, the picture looks as Chromium shows it."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.image import boxes
from handler.image.colour import profile
from handler.image.colour.space import PRIMARIES, SRGB, Curve, Space
from tests.handler.image.test_colour import SRGB as SRGB_COLORANTS
from tests.handler.image.test_colour import matrix_profile
from tests.support.colour_files import (
    CHROMIUM,
    COLOURS,
    as_chromium_shows,
    avif,
    coded,
    picture,
    png,
    squares,
)
from tests.support.pictures import far, rendered, saved, seen
from tests.support.tools import needs

if TYPE_CHECKING:
    from tests.handler.image.test_colour import XYZ
    from tests.support.colour_files import Colour

pytestmark = pytest.mark.slow

P3_COLORANTS: Final[tuple[XYZ, XYZ, XYZ]] = (
    (0.5151, 0.2412, -0.0011),
    (0.2919, 0.6922, 0.0419),
    (0.1572, 0.0666, 0.7841),
)
P3_CHRM: Final = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
# No colours at all, and two that are one: neither can be mixed to white.
NO_CHRM: Final = bytes(32)
FLAT_CHRM: Final = struct.pack(">8I", 31270, 32900, 64000, 33000, 64000, 33000, 15000, 6000)


def gama(value: int) -> tuple[bytes, bytes]:
    """A gAMA chunk, in 100,000ths."""
    return b"gAMA", struct.pack(">I", value)


def cicp(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    """A cICP chunk of full-range RGB."""
    return b"cICP", bytes((primaries, transfer, 0, 1))


def light(nits: int) -> tuple[bytes, bytes]:
    """A cLLI chunk with the brightest spot."""
    return b"cLLI", struct.pack(">II", nits * 10_000, 100 * 10_000)


def profiled(name: str, body: bytes) -> bytes:
    """The squares in a format of Pillow's that holds a profile, without loss."""
    options = {"quality": 100, "subsampling": 0} if name == "JPEG" else {}
    return saved(picture(), name, icc_profile=body, **options)


AVIF_FILE: Final = avif(9, 16)
P3_PROFILE: Final = matrix_profile(P3_COLORANTS, b"Display P3 Gamut with sRGB Transfer")
LINEAR_PROFILE: Final = matrix_profile(SRGB_COLORANTS, b"GIMP built-in Linear sRGB", gamma=1.0)
PNG, JPEG, AVIF = "image/png", "image/jpeg", "image/avif"
# By a name: the type, the file, and how far from Chromium's a colour may be, of 255.
FILES: Final[dict[str, tuple[str, bytes, int]]] = {
    "nothing": (PNG, png(), 1),
    **{
        f"cICP {primaries}/{transfer}": (PNG, png(cicp(primaries, transfer)), 3)
        for primaries in (1, 5, 9, 12)
        for transfer in (1, 2, 4, 8, 13)
    },
    **{
        f"nclx {primaries}/{transfer}": (AVIF, avif(primaries, transfer), 3)
        for primaries in (1, 2, 9, 12)
        for transfer in (1, 2, 8, 13)
    },
    **{
        f"cICP {primaries}/{transfer} of {bits} bits": (
            PNG,
            png(cicp(primaries, transfer), bits=bits),
            3,
        )
        for primaries in (1, 9, 12)
        for transfer in (16, 18)
        for bits in (8, 16)
    },
    **{f"nclx 9/{transfer}": (AVIF, avif(9, transfer), 3) for transfer in (16, 18)},
    **{f"PQ to {nits} nits": (PNG, png(cicp(9, 16), light(nits)), 3) for nits in (300, 4000)},
    "gAMA 1.0": (PNG, png(gama(100_000)), 3),
    "gAMA 1.0 of 16 bits": (PNG, png(gama(100_000), bits=16), 3),
    "gAMA 1/2.2": (PNG, png(gama(45_455)), 3),
    "gAMA 1/1.8": (PNG, png(gama(55_556)), 3),
    "gAMA and cHRM": (PNG, png(gama(45_455), (b"cHRM", P3_CHRM)), 3),
    "gAMA and a cHRM of nothing": (PNG, png(gama(100_000), (b"cHRM", NO_CHRM)), 3),
    "gAMA and a cHRM of two colours": (PNG, png(gama(100_000), (b"cHRM", FLAT_CHRM)), 3),
    "cICP of narrow numbers": (PNG, png((b"cICP", bytes((12, 8, 0, 0)))), 3),
    "cICP 1/11": (PNG, png(cicp(1, 11)), 3),
    "cICP 11/16 of 16 bits": (PNG, png(cicp(11, 16), bits=16), 3),
    "cHRM alone": (PNG, png((b"cHRM", P3_CHRM)), 3),
    "sRGB before gAMA": (PNG, png((b"sRGB", b"\0"), gama(100_000)), 3),
    "cICP before sRGB": (PNG, png(cicp(12, 13), (b"sRGB", b"\0")), 3),
    "P3 named after sRGB, JPEG": (JPEG, profiled("JPEG", P3_PROFILE), 4),
    "P3 named after sRGB, PNG": (PNG, profiled("PNG", P3_PROFILE), 3),
    "P3 named after sRGB, AVIF": (AVIF, profiled("AVIF", P3_PROFILE), 6),
    "linear named sRGB": (PNG, profiled("PNG", LINEAR_PROFILE), 3),
}


def shown(source: bytes) -> list[Colour]:
    """Return the squares as the function renders them."""
    return squares(seen(rendered(source, format="png", width=4000, height=4000)))


@needs(*CHROMIUM)
def test_every_way_to_tell_colour_looks_as_in_chromium() -> None:
    """Flat fields, each within its distance of what Chromium paints on a canvas."""
    painted = as_chromium_shows({name: (kind, body) for name, (kind, body, _) in FILES.items()})
    distances = {name: far(shown(body), painted[name]) for name, (_, body, _) in FILES.items()}
    assert {name: by for name, by in distances.items() if by > FILES[name][2]} == {}


@pytest.mark.parametrize(
    ("name", "grey"),
    [
        ("nothing", 102),
        ("cICP 1/8", 170),
        ("cICP 12/13", 102),
        ("cICP 9/16 of 16 bits", 78),
        ("cICP 9/18 of 16 bits", 76),
        ("PQ to 4000 nits", 78),
        ("nclx 1/1", 102),
        ("gAMA 1.0", 170),
        ("gAMA and a cHRM of nothing", 102),
        ("gAMA and a cHRM of two colours", 102),
        ("cICP of narrow numbers", 102),
        ("cICP 1/11", 94),
        ("cICP 11/16 of 16 bits", 78),
        ("linear named sRGB", 170),
    ],
)
def test_a_grey_is_what_chromium_156_paints(name: str, grey: int) -> None:
    """Where no Chromium is at hand: the grey of number 102, by what is told of it."""
    where = COLOURS.index((102, 102, 102))
    assert far([shown(FILES[name][1])[where]], [(grey,) * 3]) <= 3


def test_p3s_red_is_beyond_srgbs() -> None:
    """Its green and blue end at none, and a paler red keeps its distance from them."""
    for name in ("cICP 12/13", "nclx 12/13", "P3 named after sRGB, PNG"):
        colours = dict(zip(COLOURS, shown(FILES[name][1]), strict=True))
        assert colours[77, 0, 26][0] > 77
        assert colours[77, 0, 26][1] == 0


def test_heic_says_it_as_avif_does() -> None:
    """Chromium does not read HEIC: the same numbers mean the same in either."""
    heif = pytest.importorskip("pillow_heif")
    stream = BytesIO()
    heif.from_pillow(picture()).save(stream, format="HEIF", quality=-1, chroma=444)
    for primaries, transfer in ((12, 13), (9, 16), (9, 1)):
        body = coded(stream.getvalue(), primaries, transfer)
        assert far(shown(body), shown(avif(primaries, transfer))) <= 6


def test_jpeg_2000s_own_profile_is_applied() -> None:
    """It stands in a box that Pillow writes, and reads, for named colour spaces alone."""
    data = saved(picture(), "JPEG2000")
    named = data.index(b"colr") - 4
    length = int.from_bytes(data[named : named + 4], "big")
    box = struct.pack(">I4s3B", 11 + len(LINEAR_PROFILE), b"colr", 2, 0, 0) + LINEAR_PROFILE
    told = bytearray(data[:named] + box + data[named + length :])
    header = told.index(b"jp2h") - 4
    grown = int.from_bytes(told[header : header + 4], "big") + len(box) - length
    told[header : header + 4] = grown.to_bytes(4, "big")
    assert far(shown(bytes(told)), shown(FILES["linear named sRGB"][1])) <= 3


def test_a_profile_is_judged_by_its_numbers() -> None:
    """sRGB under another name needs no conversion; another space under its name does."""
    assert profile.is_srgb(profile.written(SRGB, grey=False))
    assert profile.is_srgb(profile.written(SRGB, grey=True))
    assert not profile.is_srgb(profile.written(Space(PRIMARIES[12], SRGB.curve), grey=False))
    assert not profile.is_srgb(profile.written(Space(PRIMARIES[1], Curve(2.2)), grey=False))
    assert not profile.is_srgb(P3_PROFILE)


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=8))
def test_no_profile_and_no_box_is_trusted(body: bytes, at: int, patch: bytes) -> None:
    """Whatever the bytes are, they are judged without an exception."""
    for data in (body, P3_PROFILE[:at] + patch + P3_PROFILE[at + len(patch) :]):
        profile.is_srgb(data)
        profile.is_whole(data)
        boxes.properties(data)


@given(st.integers(0, 400), st.binary(max_size=8))
def test_a_damaged_box_never_refuses_the_picture(at: int, patch: bytes) -> None:
    """What a file says of its colour may be broken, and its pixels whole."""
    data = AVIF_FILE[:at] + patch + AVIF_FILE[at + len(patch) :]
    boxes.properties(data)
    boxes.inside(data, b"meta", b"iprp")


def test_a_profile_whose_curves_end_behind_it_is_ignored() -> None:
    """LittleCMS would make room for as many points as it is told of."""
    body = P3_PROFILE.replace(b"curv" + bytes(4) + b"\0\0\0\1", b"curv" + bytes(4) + b"\7\0\0\0")
    assert not profile.is_whole(body)
    assert shown(profiled("PNG", body)) == shown(FILES["nothing"][1])
