"""What ended the process, or took all its memory: no input does."""

from __future__ import annotations

import gc
import json
import struct
import subprocess
import sys
from contextlib import nullcontext
from io import BytesIO

import pytest
from PIL import Image

from handler.image import Budget, Rejected, render
from handler.recipe import Limits, Recipe
from tests.support.hostile.bombs import jpeg_of_scans, tiff_tile
from tests.support.pictures import quarters, rendered, saved

pytestmark = pytest.mark.slow

CHILD = """
import json, sys
from handler.image import Rejected, render
from handler.recipe import Recipe
for each in json.load(sys.stdin):
    try:
        render(bytes.fromhex(each), Recipe())
        print("processed")
    except Rejected as rejection:
        print(rejection)
"""


def signed_heif() -> bytes:
    """A HEIF with an XMP packet."""
    heif = pytest.importorskip("pillow_heif")
    stream = BytesIO()
    packet = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
    heif.from_pillow(quarters()).save(stream, format="HEIF", quality=50, xmp=packet)
    return bytes(stream.getvalue())


def answers(sources: list[bytes]) -> list[str]:
    """What a process of its own says to each source; it must live to say it to all."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([each.hex() for each in sources]),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.parametrize("byte", [0x00, 0x7F, 0xB0, 0xFF])
def test_no_byte_of_a_heifs_items_ends_the_process(byte: int) -> None:
    """Types and content types that are no UTF-8 ended it."""
    data = signed_heif()
    places = range(data.index(b"iinf"), data.rindex(b"infe") + 60)
    sources = [data[:at] + bytes([byte]) + data[at + 1 :] for at in places]
    assert len(answers(sources)) == len(sources)


def test_a_content_type_that_is_no_utf_8_does_not_refuse_the_picture() -> None:
    """It concerns no pixel."""
    data, told = signed_heif(), b"application/rdf+xml"
    sources = [data.replace(told, told[:at] + b"\xb0" + told[at + 1 :]) for at in range(19)]
    assert answers(sources) == ["processed"] * 19


def grown(width: int, height: int, left: int = 0) -> bytes:
    """A GIF of 8 x 8 whose second frame claims another size and place."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50, disposal=2)
    mark = b"," + struct.pack("<4H", 0, 0, 8, 8)
    at = data.index(mark, data.index(mark) + 1)
    return data[:at] + b"," + struct.pack("<4H", left, 0, width, height) + data[at + len(mark) :]


@pytest.mark.parametrize(("width", "height", "left"), [
    (9900, 9900, 0), (33, 8, 0), (8, 33, 0), (8, 8, 25), (8, 8, 9000),
])  # fmt: skip
def test_a_frame_far_beyond_its_canvas_is_refused(width: int, height: int, left: int) -> None:
    """It is unpacked whole, whatever memory that takes."""
    with pytest.raises(Rejected, match=r"^a frame reaches to .*, beyond its canvas of 8 x 8$"):
        rendered(grown(width, height, left))


def test_a_frame_within_its_canvas_is_shown() -> None:
    """The smallest difference the other way."""
    assert rendered(grown(8, 8)).frames == 2


@pytest.mark.parametrize("limits", [Limits(), Limits(truncated="salvage")])
@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF"])
def test_a_refused_picture_leaves_no_pixels_behind(name: str, limits: Limits) -> None:
    """An exception holds the frames that it passed: the next picture would find no memory."""
    image = Image.effect_noise((900, 700), 50)
    data = saved(image, name)
    gc.disable()
    try:
        with pytest.raises(Rejected) if limits == Limits() else nullcontext():
            rendered(data[: len(data) // 2], limits, width=50, height=50)
        left = [each for each in gc.get_objects() if isinstance(each, Image.Image)]
        assert [each for each in left if each.size == (900, 700) and each is not image] == []
    finally:
        gc.enable()


def icon(inner: bytes) -> bytes:
    """An icon that says it is 16 x 16, of any file within."""
    return struct.pack("<3H4B2H2I", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(inner), 22) + inner


def test_an_icon_is_looked_at_before_it_is_decoded() -> None:
    """What it holds may be larger than it says, and Pillow decodes it at once."""
    assert rendered(icon(saved(quarters(1024, 300), "PNG"))).width == 800
    for within in (saved(quarters(1025, 300), "PNG"), saved(quarters(300, 2200), "BMP")[14:]):
        with pytest.raises(Rejected, match=r"^an icon of .*; at most 1024 are read$"):
            rendered(icon(within))


def test_a_baseline_jpeg_of_many_scans_is_refused() -> None:
    """It is held and passed over as a progressive one is, and does not say so."""
    with pytest.raises(Rejected, match=r"^600 scans; at most 500 are decoded$"):
        rendered(jpeg_of_scans(600, 64))


def test_a_tile_far_larger_than_its_picture_is_refused() -> None:
    """It would be unpacked whole, be the picture ever so small."""
    with pytest.raises(Rejected, match=r"^damaged: its parts are not as long"):
        render(tiff_tile(30_000, 30_000), Recipe(), Budget(memory=448 << 20))
