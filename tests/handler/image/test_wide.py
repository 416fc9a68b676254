"""Display P3 on request, and scaling in linear light."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import pytest
from PIL import Image, ImageCms

from handler.image import render
from handler.image.colour import wide
from handler.image.colour.profile import written
from handler.image.colour.space import PRIMARIES, Curve, Space
from handler.recipe import Recipe, Watermark
from tests.handler.image.test_meaning import FILES, P3_PROFILE, cicp, profiled, shown
from tests.support.colour_files import CHROMIUM, as_chromium_shows, png, squares
from tests.support.pictures import far, rendered, rendition, saved, seen
from tests.support.tools import needs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ADOBE: Final = Space(PRIMARIES[1]._replace(green=(0.21, 0.71)), Curve(2.2))
WIDE: Final = {
    "nclx 12/13": FILES["nclx 12/13"],
    "cICP 9/16 of 16 bits": FILES["cICP 9/16 of 16 bits"],
    "gAMA and cHRM": FILES["gAMA and cHRM"],
    "Adobe RGB, JPEG": ("image/jpeg", profiled("JPEG", written(ADOBE, grey=False)), 3),
    "P3, PNG": ("image/png", profiled("PNG", P3_PROFILE), 3),
}
NARROW: Final = ("nothing", "gAMA 1.0", "linear named sRGB", "cICP 1/4", "cICP 1/13")
OUTPUTS: Final = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
}


def in_p3(body: bytes, **settings: Any) -> Image.Image:
    """The squares as the function renders them in P3."""
    return seen(rendered(body, **{"format": "png", "width": 4000, "colour": "p3", **settings}))


@needs(*CHROMIUM)
def test_p3_looks_as_the_source_does() -> None:
    """To Chromium, which shows both on a canvas in sRGB; of spaces that P3 holds wholly."""
    held = {name: WIDE[name] for name in ("nclx 12/13", "gAMA and cHRM", "P3, PNG")}
    sources = as_chromium_shows({name: (kind, body) for name, (kind, body, _) in held.items()})
    made = {name: saved(in_p3(body), "PNG") for name, (_, body, _) in held.items()}
    painted = as_chromium_shows({name: ("image/png", body) for name, body in made.items()})
    assert {name: far(painted[name], sources[name]) <= 3 for name in held} == dict.fromkeys(
        held, True
    )


@pytest.mark.parametrize("name", WIDE)
def test_a_wide_source_becomes_p3_with_its_profile(name: str) -> None:
    """A compact one, which LittleCMS reads."""
    profile = in_p3(WIDE[name][1]).info["icc_profile"]
    assert len(profile) < 600
    opened = ImageCms.ImageCmsProfile(BytesIO(profile))
    assert ImageCms.getProfileDescription(opened).strip() == "Display P3"


@pytest.mark.parametrize("name", NARROW)
def test_what_srgb_can_show_stays_in_srgb(name: str) -> None:
    """No profile, and the very same bytes: nobody pays for what there is not."""
    body = FILES[name][1]
    plain = rendered(body, format="png")
    assert rendered(body, format="png", colour="p3").body == plain.body
    assert "icc_profile" not in seen(plain).info


def test_a_red_beyond_srgb_survives_in_p3() -> None:
    """Where sRGB clips it."""
    source = png(cicp(12, 13), colours=[(255, 0, 0), (240, 0, 0)])
    assert len(set(shown(source))) == 1
    assert far(squares(in_p3(source)), [(255, 0, 0), (240, 0, 0)]) <= 1


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_format_carries_the_profile(name: str) -> None:
    """Also behind a pad, whose ground is the sRGB colour that was asked for."""
    source = png(cicp(12, 13), colours=[(0, 255, 0)] * 4)
    made = in_p3(source, format=name, fit="pad", width=64, height=64, background="#ff0000")
    assert made.info["icc_profile"] == wide.published()
    assert far([pixel(made, (32, 4))], [(234, 51, 35)]) <= 4


def test_an_image_mark_keeps_its_colours_in_p3(tmp_path: Path) -> None:
    """Its numbers are sRGB's, which mean other colours in P3; its alpha stays."""
    Image.new("RGBA", (40, 40), "#ff0000").save(tmp_path / "logo.png")
    mark = Watermark(image="logo.png", size=0.5, opacity=1, gravity="northwest", margin=0)
    wide_green = png(cicp(12, 13), colours=[(0, 255, 0)] * 4)
    wanted = Recipe((replace(rendition(format="png", colour="p3", width=64), watermark=mark),))
    made = seen(render(wide_green, wanted, assets=tmp_path)[0])
    assert made.info["icc_profile"] == wide.published()
    assert far([pixel(made, (6, 6))], [(234, 51, 35)]) <= 4


def test_one_recipe_makes_both() -> None:
    """Each rendition in its own colours, of one source."""
    source = png(cicp(12, 13), colours=[(255, 0, 0)] * 2)
    recipe = Recipe(tuple(rendition(name=name, colour=name) for name in ("srgb", "p3")))
    srgb, p3 = (seen(each) for each in render(source, recipe))
    assert ("icc_profile" in srgb.info, "icc_profile" in p3.info) == (False, True)


def checkerboard(mode: str) -> Image.Image:
    """Pixels of black and white by turns."""
    levels = bytes(255 * ((x + y) % 2) for y in range(128) for x in range(128))
    return Image.frombytes("L", (128, 128), levels).convert(mode)


def pixel(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    """Return a pixel's red, green and blue, and its alpha if it has one."""
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    colour = plain.getpixel(at)
    assert isinstance(colour, tuple)
    return tuple(map(int, colour))


@pytest.mark.parametrize("name", ["PNG", "WEBP", "TIFF", "JPEG"])
@pytest.mark.parametrize("size", [64, 32, 20])
def test_a_checkerboard_averages_to_half_the_light(name: str, size: int) -> None:
    """188 is sRGB's number for it; by numbers it is 127."""
    options = {"lossless": True} if name == "WEBP" else {"quality": 100} if name == "JPEG" else {}
    source = saved(checkerboard("RGB"), name, **options)
    for linear, number in ((True, 188), (False, 128)):
        made = seen(rendered(source, width=size, height=size, linear=linear, format="png"))
        assert far([pixel(made, (size // 2, size // 2))], [(number,) * 3]) <= 2


def test_what_is_clear_lends_no_colour_to_what_is_not() -> None:
    """Black that shows nothing, beside white that does, stays white in linear light."""
    cells = checkerboard("L")
    source = saved(Image.merge("LA", (cells, cells)), "PNG")
    made = seen(rendered(source, width=32, height=32, linear=True))
    assert far([pixel(made, (16, 16))], [(255, 255, 255, 128)]) <= 1


@pytest.mark.parametrize("name", ["nothing", "P3 named after sRGB, PNG"])
def test_flat_colours_are_what_they_were(name: str) -> None:
    """In linear light, whatever the source's profile is."""
    linear, plain = (
        seen(rendered(FILES[name][1], format="png", width=192, linear=each))
        for each in (True, False)
    )
    spots = [(x, 4) for x in range(4, 192, 8)]
    assert far([pixel(linear, at) for at in spots], [pixel(plain, at) for at in spots]) <= 3
