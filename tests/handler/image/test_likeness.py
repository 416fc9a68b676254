"""quality = "auto": as few bytes as look like the picture, never more than the default takes."""

from __future__ import annotations

from io import BytesIO
from random import Random
from typing import Any

import pytest
from PIL import Image, ImageFilter

from handler.image import likeness
from handler.recipe import Rendition
from tests.handler.image.test_sizes import photo
from tests.support.pictures import quarters, rendered, saved, seen

pytestmark = pytest.mark.slow

LOSSY = ("jpeg", "webp", "avif")


def soft() -> Image.Image:
    """A picture that survives much: nothing in it is fine."""
    return photo().filter(ImageFilter.GaussianBlur(6))


def gravel() -> Image.Image:
    """Light and dark stones of all sizes."""
    stones = Image.new("L", (320, 240), 128)
    for side in (80, 40, 20, 4):
        size = 320 // side, 240 // side
        layer = Image.frombytes("L", size, Random(side).randbytes(size[0] * size[1]))
        stones = Image.blend(stones, layer.resize((320, 240), Image.Resampling.BICUBIC), 0.4)
    return stones.convert("RGB")


def size(image: Image.Image, name: str, **settings: Any) -> int:
    """How many bytes the picture takes in a format."""
    return len(rendered(saved(image, "PNG"), format=name, **settings).body)


@pytest.mark.parametrize("name", LOSSY)
@pytest.mark.parametrize("draw", [photo, soft, quarters])
def test_auto_takes_no_more_than_the_default(name: str, draw: Any) -> None:
    """Whatever the picture: its quality is the default's at most, and coded as densely."""
    assert size(draw(), name, quality="auto") <= size(draw(), name)


def test_what_bears_a_lower_quality_gets_one() -> None:
    """Gravel hides much, and soft forms nothing: those keep what the default shows of them."""
    assert size(gravel(), "jpeg", quality="auto") < 0.8 * size(gravel(), "jpeg")
    plain, auto = (
        Image.open(BytesIO(rendered(saved(soft(), "PNG"), format="jpeg", quality=each).body))
        for each in (80, "auto")
    )
    tried = likeness._Seen(soft())
    enough = min(likeness._ENOUGH, tried.likeness(plain))
    assert tried.likeness(auto) >= enough - 1e-6


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
    assert len(rendered(source, format="jpeg", quality="auto", max_bytes=9000).body) <= 9000
    assert seen(rendered(source, quality="auto")).format == "PNG"
    moving = saved(photo(), "WEBP", save_all=True, append_images=[quarters(640, 480)])
    assert rendered(moving, quality="auto").body == rendered(moving, quality=80).body


def test_a_recipe_takes_the_word_and_refuses_others() -> None:
    """By way of JSON, too."""
    assert Rendition.from_mapping({"quality": "auto"}).to_mapping() == {"quality": "auto"}
    with pytest.raises(ValueError, match="auto"):
        Rendition(quality="best")
