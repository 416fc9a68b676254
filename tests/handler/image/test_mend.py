"""Mending: what surrounds the pixels never condemns them, and what is missing of them is told."""

from __future__ import annotations

import random
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from handler.image import Rejected
from handler.image.mend import mended
from handler.recipe import Limits
from tests.support import pngs
from tests.support.pictures import quarters, rendered, saved, seen

pytestmark = pytest.mark.slow

ANCILLARY = (
    b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"eXIf", b"tRNS",
    b"bKGD", b"tIME", b"sBIT", b"hIST", b"sPLT", b"cICP", b"cLLI", b"mDCV", b"vpAg", b"orNT",
)  # fmt: skip
BROKEN_BODIES = (b"", b"\0", b"name\0\x07junk", b"name\0\0not zlib", b"\xff" * 40)


def noise(width: int = 96, height: int = 64) -> Image.Image:
    """Pixels that all count."""
    return Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3))


def looks_the_same(one: bytes, other: bytes) -> bool:
    """Whether two sources end as the same pixels."""
    pictures = [seen(rendered(each, format="png")).convert("RGB") for each in (one, other)]
    return ImageChops.difference(*pictures).getbbox() is None


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("name", ANCILLARY)
def test_a_wrong_checksum_beside_the_pixels_is_no_reason_to_refuse(
    name: bytes, *, behind: bool
) -> None:
    """Any ancillary chunk, known to Pillow or not."""
    plain = saved(noise(), "PNG")
    body = b"name\0" + b"\0" * 32
    assert looks_the_same(
        pngs.with_chunk(plain, pngs.chunk(name, body, sound=False), behind=behind), plain
    )


@given(
    st.sampled_from(ANCILLARY),
    st.one_of(st.sampled_from(BROKEN_BODIES), st.binary(max_size=60)),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_no_body_of_an_ancillary_chunk_refuses_the_picture(
    name: bytes, body: bytes, behind: bool
) -> None:
    """Truncated, of an unknown compression, or nonsense."""
    plain = saved(noise(24, 16), "PNG")
    picture = rendered(pngs.with_chunk(plain, pngs.chunk(name, body), behind=behind))
    assert (picture.width, picture.height) == (24, 16)


@pytest.mark.parametrize("name", [b"tEXt", b"iTXt", b"eXIf", b"abCd"])
@pytest.mark.parametrize("left", [1, 5, 9, 30])
def test_a_file_cut_behind_its_pixels_is_whole(name: bytes, left: int) -> None:
    """A text, and the end, that did not come."""
    plain = saved(noise(), "PNG")
    end = pngs.with_chunk(plain, pngs.chunk(name, b"k\0" + b"t" * 40), behind=True)
    assert looks_the_same(end[: -12 - left], plain)


def test_what_was_left_out_is_told_once_each() -> None:
    """And a sound file has no warning."""
    plain = saved(noise(), "PNG")
    text = pngs.chunk(b"tEXt", b"k\0v", sound=False)
    twice = pngs.with_chunk(pngs.with_chunk(plain, text, behind=False), text, behind=False)
    data = pngs.with_chunk(twice, pngs.chunk(b"pHYs", b"\1"), behind=False)
    assert rendered(data).warnings == ("broken beside the pixels, and left out: pHYs, tEXt",)
    assert rendered(plain).warnings == ()


@pytest.mark.parametrize("megabytes", [1, 2, 7])
def test_a_long_text_or_profile_is_read(megabytes: int) -> None:
    """Editors' histories and printers' profiles pass Pillow's limit of one MB."""
    plain = saved(noise(), "PNG")
    packed = zlib.compress(b"x" * (megabytes << 20))
    for name, head in ((b"zTXt", b"k\0\0"), (b"iTXt", b"k\0\1\0\0\0"), (b"iCCP", b"k\0\0")):
        data = pngs.with_chunk(plain, pngs.chunk(name, head + packed), behind=False)
        assert (rendered(data).width, rendered(data).warnings) == (96, ())


def test_a_text_that_unpacks_without_end_is_left_out() -> None:
    """A bomb of a thousand times its length takes no memory, and no picture with it."""
    plain = saved(noise(), "PNG")
    bomb = pngs.chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(64 << 20)))
    picture = rendered(pngs.with_chunk(plain, bomb, behind=False))
    assert picture.warnings == ("broken beside the pixels, and left out: zTXt",)


def test_an_animation_with_a_broken_chunk_shows_its_default_image() -> None:
    """Half an animation is none."""
    frames = [Image.new("RGB", (24, 16), colour) for colour in ("red", "lime", "blue")]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)
    parts = pngs.pieces(data)
    at = next(n for n, part in enumerate(parts) if part[4:8] == b"fcTL")
    parts[at] = parts[at][:-1] + bytes([parts[at][-1] ^ 1])
    picture = rendered(pngs.SIGNATURE + b"".join(parts))
    assert picture.frames == 1
    assert seen(picture).convert("RGB").getpixel((5, 5)) == (255, 0, 0)


@pytest.mark.parametrize("missing", [b"fcTL", b"fdAT"])
def test_an_animation_of_chunks_that_make_no_sense_shows_its_default_image(missing: bytes) -> None:
    """Each is sound, but the last of them is not there."""
    frames = [Image.new("RGB", (24, 16), colour) for colour in ("red", "lime", "blue")]
    parts = pngs.pieces(saved(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    del parts[max(n for n, part in enumerate(parts) if part[4:8] == missing)]
    picture = rendered(pngs.SIGNATURE + b"".join(parts))
    assert picture.frames == 1
    assert picture.warnings == ("broken beside the pixels, and left out: acTL, fcTL, fdAT",)
    assert seen(picture).convert("RGB").getpixel((5, 5)) == (255, 0, 0)


@pytest.mark.parametrize("name", [b"IHDR", b"IDAT"])
def test_a_critical_chunk_is_not_left_out(name: bytes) -> None:
    """What concerns the pixels does condemn them."""
    parts = pngs.pieces(saved(noise(), "PNG"))
    kept = [part for part in parts if part[4:8] != name]
    with pytest.raises(Rejected, match="damaged"):
        rendered(pngs.SIGNATURE + b"".join(kept))


@pytest.mark.parametrize("options", [
    {"quality": 90}, {"quality": 90, "progressive": True}, {"quality": 60, "subsampling": 2},
    {"quality": 100, "subsampling": 0}, {"quality": 80, "restart_marker_blocks": 3},
])  # fmt: skip
@pytest.mark.parametrize("size", [(96, 64), (97, 61), (640, 480)])
def test_a_jpeg_that_lacks_its_end_mark_alone_is_whole(
    options: dict[str, Any], size: tuple[int, int]
) -> None:
    """Every pixel is there, as browsers show it."""
    data = saved(noise(*size), "JPEG", **options)
    assert data.endswith(b"\xff\xd9")
    assert looks_the_same(data[:-2], data)
    assert rendered(data[:-2]).warnings == ("its end mark is missing; all of its pixels are there",)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("lost", [3, 12, 40, 400, 4000])
def test_a_jpeg_that_lacks_more_is_damaged(lost: int, *, progressive: bool) -> None:
    """A single byte of the last block shows."""
    data = saved(noise(320, 240), "JPEG", quality=90, progressive=progressive)
    with pytest.raises(Rejected, match="damaged"):
        rendered(data[:-lost])
    salvaged = rendered(data[:-lost], Limits(truncated="salvage"))
    assert salvaged.warnings == ("damaged: only its readable part is shown",)


@pytest.mark.parametrize("marker", range(0xE0, 0xF0))
@pytest.mark.parametrize("body", [
    b"JFIF\0", b"JFIF", b"Adobe", b"Exif\0\0", b"Photoshop 3.0\0008BIM\0", b"MPF\0", b"",
    b"ICC_PROFILE\0", b"ICC_PROFILE\0\1",
])  # fmt: skip
def test_no_application_segment_refuses_a_jpeg(marker: int, body: bytes) -> None:
    """Of any name, cut short."""
    plain = saved(noise(), "JPEG", quality=90)
    segment = bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
    assert rendered(plain[:2] + segment + plain[2:]).width == 96


@pytest.mark.parametrize(("frame", "bits", "reason"), [
    (0xC1, 12, "a JPEG of 12 bits, which no browser shows and is not read here"),
    (0xC3, 8, "a lossless JPEG, which no browser shows and is not read here"),
    (0xC5, 8, "a hierarchical JPEG, which no browser shows and is not read here"),
])  # fmt: skip
def test_a_jpeg_of_another_kind_is_named(frame: int, bits: int, reason: str) -> None:
    """It is whole, and not called damaged."""
    data = bytearray(saved(quarters(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = frame, bits
    with pytest.raises(Rejected) as caught:
        rendered(bytes(data))
    assert str(caught.value) == reason


@given(st.binary(max_size=200))
def test_nothing_stops_the_mending(tail: bytes) -> None:
    """Whatever follows the first bytes of either format."""
    for head in (pngs.SIGNATURE, b"\xff\xd8\xff", pngs.SIGNATURE + b"\0\0\0\x0dIHDR"):
        try:
            mended(head + tail)
        except Rejected as rejection:
            assert "not read here" in str(rejection)  # noqa: PT017 - either outcome is right
