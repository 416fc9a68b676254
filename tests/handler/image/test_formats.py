"""Formats: what comes in, what goes out, and which decoder is loaded for it."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image

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


@pytest.mark.parametrize(("name", "kept"), [
    ("JPEG", "jpeg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp"), ("AVIF", "avif"),
    ("TIFF", "jpeg"), ("BMP", "jpeg"), ("JPEG2000", "jpeg"), ("ICO", "jpeg"),
])  # fmt: skip
def test_a_format_that_browsers_show_is_kept(name: str, kept: str) -> None:
    """The rest become JPEG, and say that their name needs another extension."""
    picture = rendered(saved(quarters(), name))
    assert (picture.content_type, seen(picture).format) == (f"image/{kept}", kept.upper())
    assert picture.changed_format == (name.lower() != kept)
    assert picture.extension == {"jpeg": "jpg"}.get(kept, kept)


@pytest.mark.parametrize("name", ["TIFF", "ICO", "JPEG2000"])
def test_transparency_that_browsers_cannot_show_becomes_png(name: str) -> None:
    """A format browsers do not show becomes PNG when it shines through somewhere, else JPEG."""
    image = quarters().convert("RGBA")
    image.putpixel((0, 0), (0, 0, 0, 0))
    image.paste((0, 0, 0, 0), (0, 0, 60, 40))
    assert rendered(saved(image, name)).content_type == "image/png"
    assert rendered(saved(quarters().convert("RGBA"), name)).content_type == "image/jpeg"


def test_heic_is_read() -> None:
    """A phone's HEIC becomes a JPEG."""
    heif = pytest.importorskip("pillow_heif")
    stream = BytesIO()
    heif.from_pillow(quarters(256, 128)).save(stream, format="HEIF", quality=95)
    picture = rendered(stream.getvalue(), width=64)
    assert (picture.content_type, picture.changed_format, picture.width) == ("image/jpeg", True, 64)
    assert far(corners(seen(picture)), [RED, GREEN, BLUE, YELLOW]) < 16


@pytest.mark.parametrize("wanted", ["jpeg", "png", "webp", "avif"])
@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "TIFF"])
def test_a_forced_format_is_obeyed(name: str, wanted: str) -> None:
    """Whatever comes in, the format asked for goes out, and looks the same."""
    picture = rendered(saved(quarters(), name), format=wanted)
    assert (picture.content_type, seen(picture).format) == (f"image/{wanted}", wanted.upper())
    assert far(corners(seen(picture)), [RED, GREEN, BLUE, YELLOW]) < 16


def test_the_first_page_of_a_tiff_is_taken() -> None:
    """Further pages are no animation."""
    picture = rendered(
        saved(
            quarters(), "TIFF", save_all=True, append_images=[Image.new("RGB", (120, 80), "white")]
        ),
        format="webp",
    )
    assert picture.frames == 1
    assert far(corners(seen(picture)), [RED, GREEN, BLUE, YELLOW]) < 16


def test_the_primary_picture_of_an_mpo_is_taken() -> None:
    """What a camera puts behind the picture, a second eye or a gain map, does not reach it."""
    stream = BytesIO()
    quarters().save(
        stream, "MPO", save_all=True, append_images=[Image.new("RGB", (120, 80), "white")]
    )
    picture = rendered(stream.getvalue())
    assert (picture.content_type, picture.frames, picture.changed_format) == (
        "image/jpeg",
        1,
        False,
    )
    assert far(corners(seen(picture)), [RED, GREEN, BLUE, YELLOW]) < 8
    assert picture.body.count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "gif"])
def test_only_the_plugin_in_use_is_imported(name: str) -> None:
    """A cold start does not pay for formats that are not met."""
    code = (
        "import sys\n"
        "from handler.image import render\n"
        "from handler.formats import FORMATS\n"
        "from handler.recipe import Recipe\n"
        "render(sys.stdin.buffer.read(), Recipe())\n"
        "print(*[name for name, row in FORMATS.items() if row.opener[0] in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=saved(quarters(), name), capture_output=True, check=True
    )
    assert done.stdout.decode().split() == [name]
