"""What ended the process, or took all its memory: no input does."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image

from handler.image import Rejected
from tests.support.pictures import quarters, rendered, saved

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
    (9900, 9900, 0), (9, 8, 0), (8, 9, 0), (8, 8, 1), (8, 8, 9000),
])  # fmt: skip
def test_a_frame_beyond_its_canvas_is_refused(width: int, height: int, left: int) -> None:
    """Pillow enlarges the canvas for it, whatever memory that takes."""
    with pytest.raises(Rejected, match=r"^a frame reaches to .*, beyond its canvas of 8 x 8$"):
        rendered(grown(width, height, left))


def test_a_frame_within_its_canvas_is_shown() -> None:
    """The smallest difference the other way."""
    assert rendered(grown(8, 8)).frames == 2
