"""Whatever size, mode and settings: a picture within its box, or a reason; nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from handler.image import Rejected, render
from handler.recipe import FITS, GRAVITIES, OUTPUT_FORMATS, Limits, Recipe, Rendition, Watermark
from tests.support.pictures import quarters, saved, seen

pytestmark = pytest.mark.slow

MODES = {
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "TIFF": [
        "1",
        "L",
        "LA",
        "P",
        "PA",
        "RGB",
        "RGBA",
        "RGBX",
        "CMYK",
        "YCbCr",
        "LAB",
        "I",
        "I;16",
        "F",
    ],
    "JPEG": ["1", "L", "RGB", "CMYK", "YCbCr"],
    "GIF": ["1", "L", "P", "RGB", "RGBA"],
    "WEBP": ["RGB", "RGBA"],
    "BMP": ["1", "L", "P", "RGB", "RGBA"],
    "JPEG2000": ["L", "LA", "RGB", "RGBA"],
}
EDGES = st.sampled_from(
    [(1, 1), (1, 10_000), (10_000, 1), (2, 3), (801, 601), (800, 600), (1601, 1199), (7, 2000)]
)
SIZES = EDGES | st.tuples(st.integers(1, 300), st.integers(1, 300))
KINDS = st.sampled_from([(name, mode) for name, modes in MODES.items() for mode in modes])
RENDITIONS = st.builds(
    Rendition,
    width=st.integers(1, 900),
    height=st.integers(1, 900),
    fit=st.sampled_from(FITS),
    gravity=st.sampled_from([*GRAVITIES, "attention"]),
    format=st.sampled_from(OUTPUT_FORMATS),
    quality=st.sampled_from([0, 1, 50, 100]),
    max_bytes=st.sampled_from([0, 0, 2000]),
    metadata=st.sampled_from(["none", "copyright", "all"]),
    background=st.sampled_from(["#ffffff", "#123456"]),
    watermark=st.sampled_from(
        [None, Watermark(), Watermark(text="x", tiled=True, angle=30, color="#ff0000")]
    ),
)
LENIENT = settings(deadline=None, suppress_health_check=list(HealthCheck))


def picture(size: tuple[int, int], name: str, mode: str) -> bytes:
    """A picture of a size in a mode that the format can hold."""
    if mode.startswith("I") or mode == "F":
        return saved(Image.new(mode, size, 25_700), name)
    return saved(Image.new("RGB", size, (200, 100, 50)).convert(mode), name)


@settings(LENIENT, max_examples=120)
@given(size=SIZES, kind=KINDS, rendition=RENDITIONS)
def test_every_picture_ends_within_its_box(
    size: tuple[int, int], kind: tuple[str, str], rendition: Rendition
) -> None:
    """The result is what it says: readable, of its size and format, in the box, in proportion."""
    (done,) = render(picture(size, *kind), Recipe((rendition,)))
    image = seen(done)
    image.load()
    assert image.size == (done.width, done.height)
    assert f"image/{str(image.format).lower()}" == done.content_type
    assert image.mode in ("L", "LA", "P", "RGB", "RGBA")
    assert "icc_profile" not in image.info
    assert done.width <= rendition.width
    assert done.height <= rendition.height
    if rendition.fit == "pad":
        assert image.size == (rendition.width, rendition.height)
    else:
        assert done.width <= size[0]
        assert done.height <= size[1]
    if rendition.fit == "inside":
        assert abs(done.width * size[1] - done.height * size[0]) <= max(size)


@settings(LENIENT, max_examples=150)
@given(
    name=st.sampled_from(sorted(MODES)),
    holes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.floats(0, 1),
    truncated=st.sampled_from(["reject", "salvage"]),
)
def test_damage_gives_a_picture_or_a_reason(
    name: str, holes: list[tuple[float, int]], cut: float, truncated: str
) -> None:
    """Bytes changed or cut off anywhere never end in another exception than Rejected."""
    data = bytearray(saved(quarters(), name))
    for at, value in holes:
        data[int(at * (len(data) - 1))] = value
    recipe = Recipe(
        (Rendition(width=50, height=50),), Limits(pixels=1_000_000, truncated=truncated)
    )
    outcome: Any = None
    try:
        outcome = render(bytes(data[: int(len(data) * (0.5 + cut))]), recipe)
    except Rejected as reason:
        outcome = str(reason)
    assert outcome


@settings(LENIENT, max_examples=40)
@given(renditions=st.lists(RENDITIONS, min_size=2, max_size=4), size=SIZES)
def test_renditions_come_in_the_recipes_order(
    renditions: list[Rendition], size: tuple[int, int]
) -> None:
    """Several renditions of one source have the sizes each has alone."""
    named = tuple(
        Rendition(**{**vars(each), "name": f"r{at}", "max_bytes": 0})
        for at, each in enumerate(renditions)
    )
    data = picture(size, "PNG", "RGB")
    together = render(data, Recipe(named))
    assert [done.rendition for done in together] == list(named)
    alone = [render(data, Recipe((each,)))[0] for each in named]
    assert [(done.width, done.height, done.content_type) for done in together] == [
        (done.width, done.height, done.content_type) for done in alone
    ]
