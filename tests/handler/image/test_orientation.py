"""Orientation: however a camera was held, pictures end upright, without a tag."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from handler.image.metadata.xmp import pnginfo
from handler.image.orientation import exif_orientation
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

TAG = 0x0112
# How an upright picture lies in the file for each value of the tag: the inverse of how a viewer
# turns it.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}

OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "PNG": {},
    "WEBP": {"quality": 95},
    "TIFF": {},
    "AVIF": {"quality": 95},
}


def stored(orientation: int, name: str) -> bytes:
    """A file that a viewer turns upright by its tag."""
    turn, exif = STORED[orientation], Image.Exif()
    exif[TAG] = orientation
    image = quarters(240, 160) if turn is None else quarters(240, 160).transpose(turn)
    return saved(image, name, exif=exif, **OPTIONS[name])


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_ends_upright(name: str, orientation: int) -> None:
    """All eight values, in every format that has the tag, give one upright picture without it."""
    image = seen(rendered(stored(orientation, name), width=60, height=60, metadata="all"))
    assert image.size == (60, 40)
    assert far(corners(image), [RED, GREEN, BLUE, YELLOW]) < 16
    assert image.getexif().get(TAG, 1) == 1
    assert ImageOps.exif_transpose(image).size == (60, 40)


@pytest.mark.parametrize("orientation", STORED)
def test_heic_is_turned_once(orientation: int) -> None:
    """The EXIF tag must not turn again what libheif has turned by itself."""
    heif = pytest.importorskip("pillow_heif")
    exif = Image.Exif()
    exif[TAG] = orientation
    turn = STORED[orientation]
    image = quarters(240, 160) if turn is None else quarters(240, 160).transpose(turn)
    stream = BytesIO()
    heif.from_pillow(image).save(stream, format="HEIF", exif=exif.tobytes(), quality=95)
    picture = seen(rendered(stream.getvalue(), width=60, height=60))
    assert picture.size == (60, 40)
    assert far(corners(picture), [RED, GREEN, BLUE, YELLOW]) < 16


def test_a_turned_picture_is_cut_after_turning() -> None:
    """Gravity speaks of the upright picture, not of how it lies in the file."""
    image = seen(rendered(stored(6, "JPEG"), width=40, height=80, fit="cover", gravity="west"))
    assert far(corners(image), [RED, RED, BLUE, BLUE]) < 16


def test_unreadable_exif_does_not_refuse_the_picture() -> None:
    """Broken EXIF is ignored; the picture is shown as stored."""
    image = seen(rendered(saved(quarters(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff broken")))
    assert image.size == (120, 80)


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation='
    b'"6"/></rdf:RDF></x:xmpmeta>'
)


def with_xmp(name: str) -> dict[str, Any]:
    """How Pillow is told to write the packet into a format."""
    if name == "PNG":
        return {"pnginfo": pnginfo(XMP)}
    return {"tiffinfo": {700: XMP}} if name == "TIFF" else {"xmp": XMP}


@pytest.mark.parametrize("name", OPTIONS)
def test_xmp_alone_turns_nothing(name: str) -> None:
    """As in every browser: whoever turned the pixels may have left the old packet."""
    data = saved(quarters(240, 160), name, **OPTIONS[name], **with_xmp(name))
    assert b'tiff:Orientation="6"' in data
    image = seen(rendered(data))
    assert image.size == (240, 160)
    assert far(corners(image), [RED, GREEN, BLUE, YELLOW]) < 16


def exif(order: str, kind: int, value: bytes, quantity: int = 1) -> bytes:
    """EXIF of one orientation tag, of any type."""
    head = {"<": b"II*\0\x08\0\0\0", ">": b"MM\0*\0\0\0\x08"}[order]
    entry = struct.pack(order + "HHHI", 1, TAG, kind, quantity) + value.ljust(4, b"\0")
    return b"Exif\0\0" + head + entry + bytes(4)


@pytest.mark.parametrize(("kind", "value", "quantity", "turned"), [
    (3, b"\x06\0", 1, True),
    (3, b"\x06\0\x01\0", 2, False),
    (4, b"\x06\0\0\0", 1, False),
    (1, b"\x06", 1, False),
    (7, b"\x06", 1, False),
    (2, b"6\0", 2, False),
    (3, b"\x09\0", 1, False),
    (3, b"\0\0", 1, False),
])  # fmt: skip
def test_in_exif_only_a_short_from_1_to_8_counts(
    kind: int, value: bytes, quantity: int, *, turned: bool
) -> None:
    """As Chromium draws it."""
    data = saved(quarters(240, 160), "JPEG", exif=exif("<", kind, value, quantity))
    assert (rendered(data).width == 160) == turned


@given(st.binary(max_size=80), st.sampled_from((b"", b"II*\0", b"MM\0*", b"II*\0\x08\0\0\0")))
def test_no_exif_stops_a_picture(rest: bytes, head: bytes) -> None:
    """Whatever stands in the segment, there is an orientation."""
    image = Image.new("L", (1, 1))
    image.info = {"exif": b"Exif\0\0" + head + rest}
    assert exif_orientation(image) in range(1, 9)


def test_corrupt_exif_makes_no_noise() -> None:
    """Nothing on standard error, of any damage in a directory."""
    sources = [
        saved(quarters(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0" + tail)
        for tail in (
            b"",
            b"\xff\xff",
            b"\1\0\x12\1\2\0\xff\xff\0\0\0\1\0\0",
            b"\1\0" + b"\xff" * 12,
        )
    ]
    code = (
        "import sys, json; from handler.image import render; from handler.recipe import Recipe;"
        "[render(bytes.fromhex(each), Recipe()) for each in json.load(sys.stdin)]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([each.hex() for each in sources]),
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stderr == ""
