"""quality = "auto": the look of the format's default, in fewer bytes."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageFilter

from handler.image import jpeg, jpegli, likeness
from handler.image.colour import wide
from handler.recipe import Rendition
from tests.handler.image.test_gain_map import second, ultra
from tests.handler.image.test_sizes import photo
from tests.support.pictures import quarters, rendered, saved, seen

pytestmark = pytest.mark.slow

LOSSY = ("jpeg", "webp", "avif")


def soft() -> Image.Image:
    """A picture that survives much: nothing in it is fine."""
    return photo().filter(ImageFilter.GaussianBlur(6))


def size(image: Image.Image, name: str, **settings: Any) -> int:
    """How many bytes the picture takes in a format."""
    return len(rendered(saved(image, "PNG"), format=name, **settings).body)


@pytest.mark.parametrize("name", LOSSY)
@pytest.mark.parametrize("draw", [photo, soft, quarters])
def test_auto_takes_no_more_than_the_default(name: str, draw: Any) -> None:
    """Whatever the picture: what codes it better never codes it worse."""
    assert size(draw(), name, quality="auto") <= size(draw(), name)


@pytest.mark.parametrize("name", LOSSY)
def test_auto_looks_as_the_default_does(name: str) -> None:
    """In markedly fewer bytes; by this measure jpegli's and WebP's dense files look less alike."""
    source, tried = saved(photo(), "PNG"), likeness._Seen(photo())
    plain, auto = (rendered(source, format=name, quality=each).body for each in (0, "auto"))
    assert len(auto) < 0.95 * len(plain)
    assert tried.unlikeness(auto) < 1.4 * tried.unlikeness(plain)


def test_grey_keeps_its_pixels() -> None:
    """No encoder is better there, but its scans are."""
    source = saved(photo().convert("L"), "PNG")
    plain, auto = (rendered(source, format="jpeg", quality=each) for each in (0, "auto"))
    assert seen(auto).mode == "L"
    assert seen(auto).tobytes() == seen(plain).tobytes()
    assert len(auto.body) < len(plain.body)


def travelling() -> bytes:
    """A photograph in Display P3, by somebody."""
    picture = photo()
    exif = Image.Exif()
    exif[ExifTags.Base.Copyright] = "\xa9 Ada"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/'
    xmp += b'22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">'
    xmp += b"<dc:rights>Ada</dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>"
    return saved(picture, "JPEG", quality=95, exif=exif, xmp=xmp, icc_profile=wide.published())


def told(body: bytes) -> list[bytes]:
    """What a JPEG's application segments say, but for where its other pictures lie."""
    every = (each for each in jpeg.segments(body) if 0xE0 <= each.marker <= 0xEF)
    return [each.body for each in every if not each.body.startswith(b"MPF")]


@pytest.mark.parametrize(
    ("source", "settings"),
    [
        (travelling(), {"colour": "p3", "metadata": "all"}),
        (travelling(), {"metadata": "copyright"}),
        (ultra(), {"hdr": "keep"}),
    ],
    ids=["colour", "maker", "gain map"],
)
def test_what_travels_with_a_picture_does_so_by_either_encoder(
    source: bytes, settings: dict[str, Any]
) -> None:
    """Profile, EXIF, XMP, density; and a second picture behind the first."""
    plain, auto = (rendered(source, quality=each, **settings) for each in (0, "auto"))
    assert told(auto.body) == told(plain.body)
    assert len(told(auto.body)) >= 2
    assert auto.warnings == plain.warnings
    if "hdr" in settings:
        behind = [second(each.body)[0].tobytes() for each in (plain, auto)]
        assert behind[0] == behind[1]


def test_without_its_encoder_a_jpeg_is_written_and_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As behind a layer of one's own: the default's pixels, and how to have fewer bytes."""
    monkeypatch.delitem(sys.modules, "handler.image.jpegli", raising=False)
    monkeypatch.setitem(sys.modules, "pyjpegli", None)
    source = saved(photo(), "PNG")
    plain, auto = (rendered(source, format="jpeg", quality=each) for each in (0, "auto"))
    assert seen(auto).tobytes() == seen(plain).tobytes()
    assert len(auto.body) < len(plain.body)
    assert [each for each in auto.warnings if "imgpipe[auto]" in each]
    assert not rendered(source, format="webp", quality="auto").warnings


def test_nobody_else_pays_for_it() -> None:
    """A fixed quality loads neither library, nor what compares."""
    code = (
        "import sys\n"
        "from tests.support.pictures import quarters, rendered, saved\n"
        "rendered(saved(quarters(), 'JPEG'), quality=80)\n"
        "print([name for name in sys.modules if 'jpegli' in name or 'likeness' in name])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert ran.stdout == "[]\n"


def test_what_is_no_jpeg_is_an_error() -> None:
    """And no end of the process."""
    with pytest.raises(ValueError, match="MozJPEG"):
        jpegli._transcoded(b"\xff\xd8 nothing")


def test_likeness_falls_with_quality() -> None:
    """And is one for the picture itself, also of one pixel."""
    picture = photo()
    tried = likeness._Seen(picture)
    falls = [
        tried.likeness(Image.open(BytesIO(saved(picture, "JPEG", quality=each))))
        for each in (95, 80, 60, 40, 20)
    ]
    assert falls == sorted(falls, reverse=True)
    for image in (picture, Image.new("RGBA", (1, 1))):
        assert likeness._Seen(image).likeness(image) == pytest.approx(1.0)


def test_bounds_hold_beside_it() -> None:
    """``max_bytes`` goes lower still; PNG has no such scale; frames get the default."""
    source = saved(photo(), "PNG")
    for bound in (9_000, 30_000):
        assert len(rendered(source, format="jpeg", quality="auto", max_bytes=bound).body) <= bound
    assert seen(rendered(source, quality="auto")).format == "PNG"
    moving = saved(photo(), "WEBP", save_all=True, append_images=[quarters(640, 480)])
    assert rendered(moving, quality="auto").body == rendered(moving, quality=80).body


def test_a_recipe_takes_the_word_and_refuses_others() -> None:
    """By way of JSON, too."""
    assert Rendition.from_mapping({"quality": "auto"}).to_mapping() == {"quality": "auto"}
    with pytest.raises(ValueError, match="auto"):
        Rendition(quality="best")
