"""Resampling by vector code looks as Pillow's does, which takes its place wherever it must."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from handler.image import blocks, outlay, resample
from handler.image.source import open_source
from handler.recipe import Limits, Recipe
from imgpipe.package import pinned
from tests.support.pictures import saved

Box = tuple[float, float, float, float]
Kind = Callable[[random.Random, int, int], bytes]

ROOT = Path(__file__).parents[3]
CHANNELS: Final = {
    "L": 1, "LA": 2, "RGB": 3, "RGBX": 4, "RGBA": 4, "RGBa": 4, "CMYK": 4, "YCbCr": 3,
}  # fmt: skip
BICUBIC, LANCZOS = Image.Resampling.BICUBIC, Image.Resampling.LANCZOS

by_vectors = pytest.mark.skipif(
    not resample._library(), reason="its library has no wheel for this platform"
)

pytestmark = pytest.mark.slow


def flat(rng: random.Random, length: int, channels: int) -> bytes:
    """The same colour everywhere."""
    return rng.randbytes(channels) * (length // channels)


def medium(rng: random.Random, length: int, _channels: int) -> bytes:
    """Numbers that no kernel swings beyond what a byte holds."""
    return bytes(64 + (each & 0x7F) for each in rng.randbytes(length))


def any_at_all(rng: random.Random, length: int, _channels: int) -> bytes:
    """Kernels swing beyond them, and what is clipped then depends on which side comes first."""
    return rng.randbytes(length)


class Case(NamedTuple):
    """What is resampled, and what of it, to what; ``kind`` says how its pixels were made."""

    kind: Kind
    mode: str
    have: tuple[int, int]
    box: Box | None
    size: tuple[int, int]
    resampling: Image.Resampling
    seed: int = 1

    def image(self) -> Image.Image:
        """Return the pixels."""
        channels = CHANNELS[self.mode]
        length = self.have[0] * self.have[1] * channels
        pixels = self.kind(random.Random(self.seed), length, channels)
        return Image.frombytes(self.mode, self.have, pixels)


# How far one number may be from Pillow's, and on average all of many.
BOUNDS: Final[dict[Kind, tuple[int, float]]] = {
    flat: (0, 0.0),
    medium: (12, 0.6),
    any_at_all: (90, 6.0),
}

sides = st.sampled_from([1, 2, 3]) | st.integers(1, 90) | st.integers(1, 900)
sizes = st.tuples(sides, sides).filter(lambda size: size[0] * size[1] <= 20_000)


@st.composite
def boxes(draw: st.DrawFn, size: tuple[int, int]) -> Box:
    """All of a picture of ``size``, but for a part of its last pixels, as drafts leave them."""
    lacking = st.floats(0, 0.99)
    return 0, 0, size[0] - draw(lacking), size[1] - draw(lacking)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any of them."""
    have = draw(sizes)
    return Case(
        draw(st.sampled_from([*BOUNDS])),
        draw(st.sampled_from([*CHANNELS])),
        have,
        draw(st.none() | boxes(have)),
        draw(sizes),
        draw(st.sampled_from([BICUBIC, LANCZOS])),
        draw(st.integers(0, 1 << 32)),
    )


def apart(made: Image.Image, wanted: Image.Image) -> tuple[int, float]:
    """Return by how much numbers differ at most, and on average, where they are seen."""
    assert (made.mode, made.size) == (wanted.mode, wanted.size)
    one, other = (
        (each.convert("RGB") if each.mode == "RGBX" else blocks.multiplied(each)).tobytes()
        for each in (made, wanted)
    )
    numbers = [abs(a - b) for a, b in zip(one, other, strict=True)]
    return max(numbers), sum(numbers) / len(numbers)


@by_vectors
@settings(max_examples=60, deadline=None)
@given(cases())
@example(Case(flat, "RGBA", (60_000, 1), None, (9, 1), LANCZOS))
@example(Case(medium, "L", (1, 60_000), None, (1, 7), BICUBIC))
@example(Case(medium, "RGB", (1, 3000), (0, 0.1, 1, 2999.9), (20, 3), LANCZOS))
def test_both_resample_alike(case: Case) -> None:
    """Whatever size is made of whatever part: flat colours to the number, textures closely."""
    image = case.image()
    made = resample.resized(image, case.size, case.resampling, case.box)
    most, mean = apart(made, image.resize(case.size, case.resampling, case.box))
    bound = BOUNDS[case.kind]
    assert most <= bound[0], mean
    # Of few numbers a single one is as much.
    assert mean <= bound[1] + bound[0] / prod(case.size), most


@pytest.mark.parametrize("mode", CHANNELS)
def test_what_keeps_its_size_keeps_its_numbers(mode: str) -> None:
    """Those of colours that hardly show, too, which are lost where alpha is multiplied in."""
    image = Case(any_at_all, mode, (30, 20), None, (30, 20), LANCZOS).image()
    for box in (None, (0, 0, 30, 20)):
        made = resample.resized(image, image.size, LANCZOS, box)
        assert (made.tobytes(), made is image) == (image.tobytes(), False)


@by_vectors
def test_light_is_resampled_alike() -> None:
    """Numbers that are no bytes, as scaling in linear light has them."""
    noise = Image.frombytes("L", (90, 70), random.Random(3).randbytes(6300)).convert("F")
    for box in (None, (0, 0, 88.5, 69.25)):
        wanted = noise.resize((41, 33), LANCZOS, box).get_flattened_data()
        made = resample.resized(noise, (41, 33), LANCZOS, box).get_flattened_data()
        assert made == pytest.approx(wanted, abs=0.05)


@by_vectors
def test_strips_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture that is made in many is the one that is made at once."""
    image = Image.frombytes("RGB", (300, 500), random.Random(4).randbytes(450_000))
    once = resample.resized(image, (220, 333), LANCZOS, (1.5, 2.25, 299, 498.5))
    monkeypatch.setattr(resample, "_STRIP_PIXELS", 1)
    monkeypatch.setattr(resample, "_LEAST_ROWS", 7)
    strips = resample.resized(image, (220, 333), LANCZOS, (1.5, 2.25, 299, 498.5))
    assert apart(strips, once) <= (1, 0.01)


@by_vectors
def test_what_is_hidden_does_not_show_at_the_edges() -> None:
    """Green behind nothing stays there."""
    image = Image.new("RGBA", (64, 64), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 31, 64))
    made = resample.resized(image, (21, 21), LANCZOS)
    red, green, _, alpha = made.split()
    assert alpha.getextrema() == (0, 255)
    assert green.getextrema() == (0, 0)
    assert {max(red.crop((x, 0, x + 1, 21)).getextrema()) for x in range(10)} == {255}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No library but Pillow."""
    monkeypatch.setattr(resample, "_library", lambda: None)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("mode", CHANNELS)
def test_without_the_library_it_is_pillow_that_resamples(mode: str) -> None:
    """To the number."""
    image = Image.frombytes(mode, (50, 40), random.Random(5).randbytes(2000 * CHANNELS[mode]))
    box = (0.5, 1, 48, 39.5)
    made = resample.resized(image, (30, 60), BICUBIC, box)
    assert made.tobytes() == image.resize((30, 60), BICUBIC, box).tobytes()


def test_memory_is_counted_where_the_library_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture is not refused for what only another processor's layer holds."""
    source = open_source(saved(Image.new("RGB", (90, 60)), "PNG"), Limits())
    told = []
    for library in (None, object()):
        monkeypatch.setattr(resample, "_library", lambda library=library: library)
        told.append(outlay.memory_bytes(source, 1, Recipe()))
    assert told[1] - told[0] == resample._HELD_BYTES


@pytest.mark.parametrize("mode", ["LAB", "I", "I;16"])
def test_what_the_library_does_not_know_is_left_to_pillow(mode: str) -> None:
    """In modes that come seldom."""
    width = {"LAB": 3, "I": 4, "I;16": 2}[mode]
    image = Image.frombytes(mode, (20, 10), random.Random(6).randbytes(200 * width))
    made = resample.resized(image, (7, 9), LANCZOS)
    assert made.tobytes() == image.resize((7, 9), LANCZOS).tobytes()


LOADED: Final = """
import sys
import PIL.Image
{before}
from handler.image import render
from handler.recipe import Recipe
def loaded():
    return "cykooz_resizer.rust_lib" in sys.modules
before = loaded()
render(open(sys.argv[1], "rb").read(), Recipe())
print(before, loaded())
"""


@pytest.mark.parametrize(
    ("before", "told"),
    [
        pytest.param("", "False True", marks=by_vectors),
        ("sys.modules['cykooz_resizer'] = None", "False False"),
        ("PIL.__version__ = '13.0.1'", "False False"),
    ],
    ids=["there", "not there", "another Pillow"],
)
def test_the_library_is_loaded_with_the_first_picture_and_for_the_pillow_it_knows(
    before: str, told: str, tmp_path: Path
) -> None:
    """It looks for pixels where that Pillow has them; elsewhere it would read whatever is there."""
    source = tmp_path / "source.png"
    source.write_bytes(saved(Image.radial_gradient("L").resize((1200, 900)), "PNG"))
    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(before=before), str(source)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert ran.stdout.strip() == told


@by_vectors
def test_threads_need_not_wait_for_the_one_that_loaded_it() -> None:
    """Its pool of threads is the one thread that loads it."""
    image, made = Image.new("RGB", (3000, 2000), "red"), []
    resample._library()
    thread = threading.Thread(
        target=lambda: made.append(resample.resized(image, (2000, 1500), LANCZOS)), daemon=True
    )
    thread.start()
    thread.join(60)
    assert [each.getextrema() for each in made] == [((255, 255), (0, 0), (0, 0))]


def test_the_pillow_that_the_library_knows_is_the_one_that_comes_along() -> None:
    """Here and in the layer; another needs a look at its headers, and these tests."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = {f"Pillow=={resample._PILLOW}"}
    assert pins & set(told["dependencies"]) == pins
    assert set(re.findall(r"Pillow==\S+", pinned("layer-requirements.txt"))) == pins
    (resizer,) = re.findall(r"cykooz\.resizer==\S+", pinned("resampling-requirements.txt"))
    assert any(each.startswith(f"{resizer};") for each in told["optional-dependencies"]["local"])
