"""JPEG XL: colours, alpha, frames and what is said of the maker, of files of every kind."""

from __future__ import annotations

import subprocess
import sys
from array import array
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from PIL import Image

from handler.image import Budget, Rejected, render
from handler.image.colour.profile import written
from handler.image.jpegxl import library as jxl
from handler.recipe import Limits, Recipe
from tests.support import jxls
from tests.support.judged import SPACES
from tests.support.jxls import Samples, colour, encoded, recompressed
from tests.support.pictures import corners, far, quarters, rendered, rendition, saved, seen
from tests.support.pngs import SIGNATURE, chunk

NUMBERS = (200, 100, 50)
FLAT = Image.new("RGB", (64, 64), NUMBERS)
LOSSES = {"without loss": 0.0, "with loss": 0.5}
# What libvips 8.14 shows for these numbers, by libjxl 0.7 and LittleCMS.
SHOWN: dict[str, tuple[jxl.ColorEncoding, tuple[int, int, int]]] = {
    "sRGB": (colour(), NUMBERS),
    "light": (colour(1, jxl.LINEAR), (229, 168, 122)),
    "gamma 2.2": (colour(1, jxl.GAMMA, gamma=1 / 2.2), (201, 100, 46)),
    "BT.709": (colour(1, jxl.BT709), (206, 114, 66)),
    "Display P3": (colour(11), (215, 93, 31)),
    "DCI-P3": (colour(11, jxl.DCI, white_point=11), (204, 75, 0)),
    "BT.2020": (colour(9), (241, 76, 29)),
    "Adobe RGB, spelled out": (
        colour(
            jxl.CUSTOM,
            jxl.GAMMA,
            gamma=1 / 2.19921875,
            primaries_red_xy=(0.64, 0.33),
            primaries_green_xy=(0.21, 0.71),
            primaries_blue_xy=(0.15, 0.06),
        ),
        (228, 101, 43),
    ),
}


def middle(data: bytes, **settings: Any) -> tuple[int, ...]:
    """The colour in the middle of the result."""
    image = seen(rendered(data, format="png", **settings)).convert("RGBA")
    told = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(told, tuple)
    return told


@pytest.mark.parametrize("distance", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("name", SHOWN)
def test_colours_are_those_of_an_independent_viewer(name: str, distance: float) -> None:
    """Told by code points, stored as they are or in libjxl's own space."""
    told, expected = SHOWN[name]
    data = encoded(FLAT, colour=told, distance=distance)
    assert far([middle(data)[:3]], [expected]) <= 3 + 2 * (distance > 0)


@pytest.mark.parametrize("distance", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("name", SPACES)
def test_a_profile_means_what_it_means_in_a_png(name: str, distance: float) -> None:
    """Whether the numbers are the profile's, or libjxl's own that know nothing of it."""
    profile = written(SPACES[name], grey=False)
    data = encoded(FLAT, profile=profile, distance=distance)
    expected = middle(saved(FLAT, "PNG", icc_profile=profile))
    assert far([middle(data)], [expected]) <= 3 + 2 * (distance > 0)


@pytest.mark.parametrize("numbers", [(60, 60, 60), (120, 130, 110), (150, 90, 60), (200, 200, 200)])
@pytest.mark.parametrize("distance", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("transfer", [jxl.PQ, jxl.HLG])
def test_high_range_is_toned_as_in_a_png(
    transfer: int, distance: float, numbers: tuple[int, int, int]
) -> None:
    """PNG's cICP is held against Chromium elsewhere; the peak is the usual one in both."""
    flat = Image.new("RGB", (64, 64), numbers)
    png = saved(flat, "PNG")
    told = chunk(b"cICP", bytes([9, transfer, 0, 1]))
    expected = middle(SIGNATURE + png[8:33] + told + png[33:])
    data = encoded(flat, colour=colour(9, transfer), distance=distance)
    assert far([middle(data)], [expected]) <= 3 + 2 * (distance > 0)


def deep(kind: int, *values: float) -> Samples:
    """A flat picture of 16 bits, or of floating numbers."""
    pixel = array("f" if kind == jxls.FLOAT else "H", values)
    channels = len(values)
    return Samples((64, 64), channels, kind, pixel.tobytes() * 64 * 64)


DEEP = {
    "16 bits": (deep(jxl.UINT16, 51400, 25700, 12850), None, (*NUMBERS, 255)),
    "16 bits and alpha": (deep(jxl.UINT16, 51400, 25700, 12850, 32896), None, (*NUMBERS, 128)),
    "grey of 16 bits": (deep(jxl.UINT16, 25700), None, (100, 100, 100, 255)),
    "floats": (deep(jxls.FLOAT, 200 / 255, 100 / 255, 50 / 255), None, (*NUMBERS, 255)),
    "floats of light": (
        deep(jxls.FLOAT, 0.5, 0.002, 1.5), colour(1, jxl.LINEAR), (188, 7, 255, 255),
    ),
    "floats of light and alpha": (
        deep(jxls.FLOAT, 0.5, 0.002, 1.5, 0.5), colour(1, jxl.LINEAR), (188, 7, 255, 128),
    ),
    "grey floats of light": (
        deep(jxls.FLOAT, 0.002), colour(1, jxl.LINEAR, color_space=jxl.GRAY), (7, 7, 7, 255),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEEP)
def test_more_than_eight_bits(name: str) -> None:
    """Dark light keeps its steps, and what is beyond white is white."""
    samples, told, expected = DEEP[name]
    assert far([middle(encoded(samples, colour=told))], [expected]) <= 1


@pytest.mark.parametrize("distance", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_every_mode(mode: str, distance: float) -> None:
    """Opaque alpha leaves no trace."""
    shown = quarters().convert(mode)
    result = rendered(encoded(shown, distance=distance))
    assert result.content_type == "image/jpeg"
    assert far(corners(seen(result)), corners(shown)) <= 12


@pytest.mark.parametrize("premultiplied", [False, True])
def test_alpha(premultiplied: bool) -> None:
    """Of either kind, straight in the result."""
    alpha = 128
    stored = tuple(round(each * alpha / 255) for each in NUMBERS) if premultiplied else NUMBERS
    picture = Image.new("RGBA", (64, 64), (*stored, alpha))
    data = encoded(picture, premultiplied=premultiplied)
    assert far([middle(data)], [(*NUMBERS, alpha)]) <= 2
    assert rendered(data).content_type == "image/png"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_once(orientation: int) -> None:
    """By libjxl; EXIF repeats what the file says."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    box = (b"Exif", bytes(4) + exif.tobytes().removeprefix(b"Exif\0\0"), False)
    data = encoded(quarters(), info={"orientation": orientation}, boxes=(box,))
    expected = rendered(saved(quarters(), "TIFF", exif=exif.tobytes()), format="png")
    result = rendered(data, format="png")
    assert (result.width, result.height) == (expected.width, expected.height)
    assert corners(seen(result)) == corners(seen(expected))
    assert "exif" not in seen(result).info


@pytest.mark.parametrize("name", ["webp", "png", "avif"])
def test_animations_stay_animations(name: str) -> None:
    """Their frames, how long each is shown, and how often all are."""
    frames = [Image.new("RGB", (60, 40), level) for level in ("red", "green", "blue")]
    data = encoded(*frames, milliseconds=120, info={"num_loops": 2})
    image = seen(rendered(data, format=name))
    assert (image.n_frames, image.info.get("loop", 2)) == (3, 2)  # type: ignore[attr-defined]
    for index, frame in enumerate(frames):
        image.seek(index)
        assert far(corners(image), corners(frame)) <= 6
        assert image.info["duration"] == 120


def test_an_animation_that_cannot_move_says_so() -> None:
    """Kept formats are JPEG and PNG."""
    result = rendered(encoded(quarters(), quarters(), milliseconds=50))
    assert result.frames == 1
    assert result.warnings == (
        "2 frames: no rendition's format can show them; only the first is kept",
    )


XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF"
    b" xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description"
    b" xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' photoshop:Credit='Somebody'/>"
    b"</rdf:RDF></x:xmpmeta>"
)


def signed(packed: bool) -> bytes:
    """A picture with EXIF and XMP in boxes."""
    exif = Image.Exif()
    exif[0x8298] = "(c) Somebody"
    tiff = exif.tobytes().removeprefix(b"Exif\0\0")
    boxes = ((b"Exif", bytes(4) + tiff, packed), (b"xml ", XMP, packed))
    return encoded(quarters(), boxes=boxes)


def signed_jpeg() -> bytes:
    """A JPEG that was packed, in which both lie in segments."""
    exif = Image.Exif()
    exif[0x8298] = "(c) Somebody"
    return recompressed(saved(quarters(), "JPEG", exif=exif.tobytes(), xmp=XMP))


@pytest.mark.parametrize(
    "make", [partial(signed, packed=False), partial(signed, packed=True), signed_jpeg]
)
def test_who_made_it_is_kept(make: Callable[[], bytes]) -> None:
    """From boxes, from packed ones, and from those that a packed JPEG has."""
    image = seen(rendered(make(), metadata="copyright"))
    assert image.getexif()[0x8298] == "(c) Somebody"
    assert b"Somebody" in image.info["xmp"]
    assert far(corners(image), corners(quarters())) <= 12


def test_content_credentials_are_told() -> None:
    """They lie in a box of their own."""
    data = encoded(quarters(), boxes=((b"jumb", b"....c2pa....", False),))
    assert any("C2PA" in each for each in rendered(data, metadata="all").warnings)


def test_cmyk_is_named() -> None:
    """It is whole, and libjxl leaves its colours to others."""
    data = encoded(FLAT, black=bytes(64 * 64))
    with pytest.raises(Rejected, match="a JPEG XL in CMYK, which is not read"):
        rendered(data)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.98])
@pytest.mark.parametrize("frames", [1, 3])
def test_a_file_that_ends_early(frames: int, share: float) -> None:
    """It is refused, or read as far as it goes."""
    data = encoded(*[quarters(400, 300)] * frames, milliseconds=40 * (frames > 1), distance=1.0)
    cut = data[: int(len(data) * share)]
    with pytest.raises(Rejected, match="damaged: the file ends early"):
        rendered(cut, format="webp")
    if share > 0.5:
        result = rendered(cut, Limits(truncated="salvage"), format="webp")
        assert "damaged: only its readable part is shown" in result.warnings


def test_a_huge_size_is_refused_before_anything_is_made_of_it() -> None:
    """Its figures are told."""
    with pytest.raises(Rejected, match=r"200000 x 200000 are \d+ pixels; the limit is"):
        rendered(jxls.claiming(200_000))


def test_what_is_held_as_a_whole_needs_more_memory() -> None:
    """The same pixels: block by block, in passes, and as a pyramid, which only libjxl can tell."""
    kinds: dict[str, dict[str, Any]] = {
        "blocks": {"distance": 1.0},
        "passes": {"distance": 1.0, "options": {jxls.PASSES: 1}},
        "without loss": {},
        "pyramid": {"options": {jxls.PYRAMID: 1, jxls.EFFORT: 2}},
        "pyramid with loss": {"distance": 1.0, "options": {jxls.MODULAR: 1}},
    }
    bands = (Image.linear_gradient, Image.radial_gradient, Image.linear_gradient)
    picture = Image.merge("RGB", [band("L").resize((1200, 900)) for band in bands])
    told = {}
    for name, kind in kinds.items():
        data = encoded(picture, **kind)
        with pytest.raises(Rejected) as caught:
            render(data, Recipe((rendition(),)), Budget(memory=1 << 20, seconds=60))
        told[name] = int(str(caught.value).split()[1])
    assert min(told["passes"], told["pyramid"], told["pyramid with loss"]) > 1.1 * max(
        told["blocks"], told["without loss"]
    )


def test_without_its_library_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting for the function, the extra for a preview."""
    monkeypatch.setitem(sys.modules, "handler.image.jpegxl", None)
    with pytest.raises(Rejected) as caught:
        rendered(encoded(quarters()))
    assert "jpeg_xl = true" in str(caught.value)
    assert "imgpipe[jxl]" in str(caught.value)


def test_nobody_else_pays_for_it() -> None:
    """Pictures of other formats load nothing of it."""
    code = (
        "import sys, handler.image\n"
        "from tests.support.pictures import quarters, rendered, saved\n"
        "rendered(saved(quarters(), 'JPEG'))\n"
        "print([name for name in sys.modules if 'jpegxl' in name or 'imagecodecs' in name])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert ran.stdout == "[]\n"
