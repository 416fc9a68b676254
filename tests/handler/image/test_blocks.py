"""Blocks averaged band by band are what Pillow averages at once, to the number."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from PIL import Image

from handler.image import blocks, fit, resample, scale
from handler.image.frames import block_of
from handler.image.heif import opened
from handler.image.source import open_source
from handler.recipe import Limits, Rendition
from tests.support.pictures import rendered, saved, seen

MODES = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    """Pixels that no two of which are alike."""
    numbers = random.Random(7).randbytes(size[0] * size[1] * MODES[mode])
    return Image.frombytes(mode, size, numbers)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("block", [(2, 2), (3, 5), (1, 4), (7, 1), (200, 300)])
def test_a_band_at_a_time_is_as_all_at_once(mode: str, block: tuple[int, int]) -> None:
    """Whatever is left over at the edges."""
    image = noise(mode, (301, 517))
    once = image.convert({"LA": "La", "RGBA": "RGBa"}.get(mode, mode)).reduce(block)
    made = blocks.averaged(image, block)
    assert (made.mode, made.size, made.tobytes()) == (once.mode, once.size, once.tobytes())


@pytest.fixture
def pillow_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What resamples is Pillow, to which another library is near, and not the same."""
    monkeypatch.setattr(resample, "_library", lambda: None)


@pytest.mark.usefixtures("pillow_alone")
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("wanted", [(300, 200), (120, 80), (31, 170)])
def test_a_picture_with_alpha_is_scaled_as_pillow_scales_it(
    mode: str, wanted: tuple[int, int]
) -> None:
    """Small and large ones, in one step or by averages first."""
    for size in ((600, 400), (2100, 1400)):
        image = noise(mode, size)
        gap = fit.reducing_gap(size)
        whole = image.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=gap)
        made = scale._resized(image, wanted, Image.Resampling.LANCZOS)
        assert (made.mode, made.tobytes()) == (mode, whole.tobytes())


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("linear", [False, True])
def test_a_heif_that_is_never_whole_is_the_same_picture(mode: str, *, linear: bool) -> None:
    """As if it had been decoded as a whole, and scaled then."""
    pillow_heif = pytest.importorskip("pillow_heif")
    stream = BytesIO()
    soft = noise(mode, (40, 30)).resize((303, 228))
    pillow_heif.from_pillow(soft).save(stream, quality=60)
    data = stream.getvalue()
    source = open_source(data, Limits())
    assert block_of(source, [Rendition(linear=linear)]) == fit.EACH_PIXEL
    assert block_of(source, [Rendition(width=50, linear=linear)]) == (
        fit.EACH_PIXEL if linear else (4, 4)
    )
    whole = opened(BytesIO(data))
    whole.load()
    wanted = rendered(saved(whole, "PNG"), format="png", width=50, linear=linear)
    made = rendered(data, format="png", width=50, linear=linear)
    assert seen(made).tobytes() == seen(wanted).tobytes()
