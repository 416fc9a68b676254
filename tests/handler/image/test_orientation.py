"""Orientation: whatever way a camera was held, the picture ends upright, and no tag is left to turn it again."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageOps

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
"""How an upright picture lies in the file for each value of the tag: the inverse of how a viewer turns it."""

OPTIONS = {
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
    """All eight values of the tag, in every format that carries it, give the same upright picture without a tag."""
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
