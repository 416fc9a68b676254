"""Estimates: never below what a process was measured to take, and seldom far above it."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import zlib
from array import array
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from handler.image import outlay
from handler.image.frames import frame_count
from handler.image.picture import Budget
from handler.image.source import open_source
from handler.recipe import Recipe, Rendition, Watermark
from tests.support import jxls, tiffs
from tests.support.colour_files import coded
from tests.support.pictures import saved
from tests.support.pngs import chunk

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 3000, 2000
ROWS = 200_000
MIB = 1 << 20
CHILD = """
import sys
from pathlib import Path
from handler.image import render
from handler.recipe import Recipe, Rendition, Watermark
from handler.image.watermark import draw
from PIL import Image

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

before = peak()
render(Path(sys.argv[1]).read_bytes(), Recipe.from_json(sys.argv[2]))
print(peak() - before)
"""


def photo(mode: str) -> Image.Image:
    """Soft colours with a little grain, in any mode."""
    rng = random.Random(5)
    base = Image.frombytes("RGB", (48, 32), rng.randbytes(48 * 32 * 3))
    image = base.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    if mode.endswith("A"):
        image.putalpha(Image.radial_gradient("L").resize(image.size))
    if mode == "I;16":
        return image.convert("L").convert("I").point(lambda v: v * 257).convert("I;16")
    return image if image.mode == mode else image.convert(mode)


def still(mode: str, name: str, **options: Any) -> bytes:
    """A still of 6 megapixels."""
    return saved(photo(mode), name, **options)


def with_a_default() -> bytes:
    """An animation of one frame, and another picture for viewers that cannot animate."""
    first, default = photo("RGBA"), photo("RGBA").transpose(Image.Transpose.ROTATE_180)
    return saved(
        default, "PNG", save_all=True, default_image=True, append_images=[first], compress_level=1
    )


def beyond_white(name: str, **options: Any) -> bytes:
    """A PNG or an AVIF of 6 megapixels whose numbers are PQ's in BT.2020."""
    data = still("RGB", name, **options)
    if name == "AVIF":
        return coded(data, 9, 16)
    return data[:33] + chunk(b"cICP", bytes((9, 16, 0, 1))) + data[33:]


def moving(name: str, mode: str = "RGB", **options: Any) -> bytes:
    """An animation of 30 frames of 500 x 500."""
    ground, frames = photo(mode).resize((500, 500)), []
    for step in range(30):
        frame = ground.copy()
        frame.paste("red", (step * 10, 50, step * 10 + 80, 130))
        frames.append(frame)
    return saved(frames[0], name, save_all=True, append_images=frames[1:], duration=80, **options)


def heif(mode: str, chroma: int, *, deep: bool = False) -> bytes:
    """A HEIC of 6 megapixels, of 8 or 12 bits."""
    pillow_heif = pytest.importorskip("pillow_heif")
    stream, picture = BytesIO(), photo(mode)
    wide = array("H", (level * 257 for level in picture.tobytes())).tobytes() if deep else b""
    file = (
        pillow_heif.from_bytes(f"{mode};16", picture.size, wide)
        if deep
        else pillow_heif.from_pillow(picture)
    )
    file.save(stream, quality=40, chroma=chroma, enc_params={"preset": "ultrafast"})
    return stream.getvalue()


def jpeg_xl(mode: str, **kind: Any) -> bytes:
    """A JPEG XL of 6 megapixels."""
    return jxls.encoded(photo(mode), **kind)


def layers(photometric: int, channels: int, bits: int, **tags: int) -> bytes:
    """A TIFF of a layout that Pillow does not read, one row of numbers again and again."""
    row = random.Random(6).randbytes(WIDTH * bits // 8 * channels)
    strip = zlib.compress(row * HEIGHT, 1)
    leaf = tiffs.picture((WIDTH, HEIGHT), (bits,) * channels, photometric, [strip], compression=8)
    more = {getattr(tiffs, name): (tiffs.SHORT, [value]) for name, value in tags.items()}
    return tiffs.tiff([tiffs.Leaf({**leaf.tags, **more}, leaf.strips)])


CORPUS: dict[str, Callable[[], bytes]] = {
    "JPEG": partial(still, "RGB", "JPEG"),
    "JPEG grey": partial(still, "L", "JPEG"),
    "JPEG CMYK": partial(still, "CMYK", "JPEG"),
    "progressive JPEG": partial(still, "RGB", "JPEG", progressive=True),
    "progressive JPEG 4:4:4": partial(still, "RGB", "JPEG", progressive=True, subsampling=0),
    "progressive JPEG grey": partial(still, "L", "JPEG", progressive=True),
    "progressive JPEG CMYK": partial(still, "CMYK", "JPEG", progressive=True),
    **{
        f"PNG {mode}": partial(still, mode, "PNG", compress_level=1)
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
    },
    "PNG with another picture": with_a_default,
    "PNG beyond white": partial(beyond_white, "PNG", compress_level=1),
    "PNG of a transparent level": partial(still, "L", "PNG", transparency=3),
    "PNG of a transparent colour": partial(still, "RGB", "PNG", transparency=(1, 2, 3)),
    **{
        f"TIFF {mode} {how}": partial(still, mode, "TIFF", compression=how)
        for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "I;16")
        for how in ("raw", "tiff_lzw")
    },
    "TIFF in one strip": partial(still, "RGB", "TIFF", compression="tiff_lzw", strip_size=1 << 30),
    "TIFF RGB 16 and a selection": partial(layers, 2, 4, 12),
    "TIFF grey 12": partial(layers, 1, 1, 12),
    "TIFF grey 32": partial(layers, 1, 1, 32),
    "TIFF Lab 16": partial(layers, 8, 3, 16),
    "TIFF Lab and alpha": partial(layers, 8, 4, 8, EXTRA=2),
    "TIFF CMYK and alpha": partial(layers, 5, 5, 8, EXTRA=2),
    "TIFF RGB 16 of floating numbers": partial(layers, 2, 3, 16, FORMAT=3),
    "TIFF YCbCr": partial(layers, 6, 3, 8),
    "WebP": partial(still, "RGB", "WEBP", method=0),
    "WebP with alpha": partial(still, "RGBA", "WEBP", method=0),
    "lossless WebP": partial(still, "RGB", "WEBP", lossless=True, method=0),
    "AVIF": partial(still, "RGB", "AVIF", speed=10),
    "AVIF 4:4:4": partial(still, "RGB", "AVIF", speed=10, subsampling="4:4:4"),
    "AVIF beyond white": partial(beyond_white, "AVIF", speed=10),
    "AVIF with alpha": partial(still, "RGBA", "AVIF", speed=10),
    "JPEG XL": partial(jpeg_xl, "RGB", distance=1.0),
    "JPEG XL in passes": partial(jpeg_xl, "RGB", distance=1.0, options={jxls.PASSES: 1}),
    "JPEG XL in a pyramid": partial(jpeg_xl, "RGB", options={jxls.PYRAMID: 1, jxls.EFFORT: 2}),
    "BMP": partial(still, "RGB", "BMP"),
    "HEIF": partial(heif, "RGB", 420),
    "JPEG 2000": partial(still, "RGB", "JPEG2000"),
    "HEIF 4:4:4 with alpha": partial(heif, "RGBA", 444),
    "GIF": partial(still, "P", "GIF"),
    "moving GIF": partial(moving, "GIF"),
    "moving PNG": partial(moving, "PNG", "RGBA", compress_level=1),
    "moving WebP": partial(moving, "WEBP", method=0),
    "moving AVIF": partial(moving, "AVIF", speed=10),
}

# Of kinds that are held above, too, in other samplings and depths.
FURTHER_KINDS: dict[str, Callable[[], bytes]] = {
    "HEIF 4:2:2": partial(heif, "RGB", 422),
    "HEIF 4:4:4": partial(heif, "RGB", 444),
    "deep HEIF 4:2:2": partial(heif, "RGB", 422, deep=True),
    "deep HEIF": partial(heif, "RGB", 420, deep=True),
    "deep HEIF 4:4:4": partial(heif, "RGB", 444, deep=True),
    "deep HEIF with alpha": partial(heif, "RGBA", 420, deep=True),
    "deep HEIF 4:4:4 with alpha": partial(heif, "RGBA", 444, deep=True),
    "JPEG 2000 grey": partial(still, "L", "JPEG2000"),
    "JPEG 2000 grey and alpha": partial(still, "LA", "JPEG2000"),
    "JPEG 2000 with alpha": partial(still, "RGBA", "JPEG2000"),
}


SLOW: Final = {
    "moving GIF",
    "lossless WebP",
    "HEIF 4:4:4 with alpha",
    "TIFF RGB 16 of floating numbers",
    "PNG of a transparent colour",
    "AVIF beyond white",
}
"""Seconds each to be made and measured."""

needs_peaks = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="peaks are read from /proc"
)


def compared(data: bytes, recipe: Recipe, folder: Path) -> tuple[int, int]:
    """What a process of its own was measured to take, and what was estimated, in MiB."""
    (folder / "source").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder / "source"), recipe.to_json()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    source = open_source(data, recipe.limits)
    told = outlay.memory_bytes(source, frame_count(source), recipe)
    return (outlay.RESIDENT_BYTES + int(done.stdout) * 1024) // MIB, told // MIB


@needs_peaks
@pytest.mark.parametrize(
    "name",
    [pytest.param(each, marks=[pytest.mark.prove] * (each in SLOW)) for each in CORPUS],
)
def test_an_estimate_holds(name: str, tmp_path: Path) -> None:
    """Of a kind of picture: at least what it takes, at most half as much again."""
    measured, told = compared(CORPUS[name](), Recipe(), tmp_path)
    assert measured <= told <= 1.5 * measured, (measured, told)


def tall(mode: str, name: str) -> bytes:
    """A picture of a pixel a row, and many rows."""
    return saved(Image.new(mode, (1, ROWS)), name)


def masked() -> bytes:
    """The same as a BMP whose pixels have ten bits for a colour: Pillow has no plugin for it."""
    rows = ROWS // 4
    head = struct.pack("<I2i2H6I", 40, 1, rows, 1, 32, 3, 0, 0, 0, 0, 0)
    body = struct.pack("<3I", 0x3FF, 0xFFC00, 0x3FF00000) + bytes(4 * rows)
    return b"BM" + struct.pack("<3I", 66 + 4 * rows, 0, 66) + head + body


@needs_peaks
@pytest.mark.parametrize(
    "make",
    [partial(tall, "P", "BMP"), partial(tall, "I;16", "PNG"), masked],
    ids=["palette", "16 bits", "masks"],
)
def test_an_estimate_counts_rows(make: Callable[[], bytes], tmp_path: Path) -> None:
    """Millions of them take more than their pixels do."""
    measured, told = compared(make(), Recipe(), tmp_path)
    assert measured <= told, (measured, told)


@needs_peaks
@pytest.mark.parametrize(
    "name", ["JPEG", "JPEG CMYK", "progressive JPEG", "PNG LA", "PNG RGBA", "TIFF RGB raw", "WebP"]
)
def test_an_estimate_holds_in_linear_light(name: str, tmp_path: Path) -> None:
    """Where more of the picture has to be there at once."""
    recipe = Recipe((Rendition(linear=True),))
    measured, told = compared(CORPUS[name](), recipe, tmp_path)
    assert measured <= told <= 1.5 * measured, (measured, told)


def large(**fields: Any) -> Recipe:
    """A recipe of one rendition of up to 3000 x 3000."""
    return Recipe((Rendition(**{"width": WIDTH, "height": WIDTH, **fields}),))


# What is made of a source where that takes more than reading it.
RESULTS: dict[str, tuple[str, Recipe]] = {
    "as large": ("JPEG", large()),
    "two thirds": ("JPEG", large(width=2000)),
    "grey": ("JPEG grey", large()),
    "PNG": ("JPEG", large(format="png")),
    "WebP": ("JPEG", large(format="webp")),
    "AVIF": ("JPEG", large(format="avif")),
    "WebP with alpha": ("PNG RGBA", large(format="webp")),
    "attention": ("JPEG", large(width=1500, height=2000, fit="cover", gravity="attention")),
    "padded": ("JPEG", large(width=4000, height=4000, fit="pad")),
}
FURTHER: dict[str, tuple[str, Recipe]] = {
    "PNG with alpha": ("PNG RGBA", large()),
    "PNG of grey and alpha": ("PNG LA", large(width=2000)),
    "PNG of colours": ("PNG RGB", large(width=2000)),
    "AVIF with alpha": ("PNG RGBA", large(format="avif")),
    "WebP of grey": ("JPEG grey", large(format="webp")),
    "from HEIF": ("HEIF", large()),
    "from beyond white": ("PNG beyond white", large()),
    "from beyond white in linear light": ("PNG beyond white", large(linear=True, width=2000)),
    "from CMYK": ("JPEG CMYK", large()),
    "likeness": ("JPEG", large(width=2000, quality="auto")),
    "likeness of grey": ("JPEG grey", large(quality="auto")),
    "likeness of WebP of colours": ("JPEG", large(quality="auto", format="webp")),
    "likeness of AVIF": ("JPEG", large(quality="auto", format="avif")),
    "likeness of WebP": ("PNG RGBA", large(width=2000, quality="auto", format="webp")),
    "bound": ("JPEG", large(width=2000, max_bytes=100_000)),
    "padded PNG": ("PNG RGBA", large(width=4000, height=4000, fit="pad")),
    "a mark on few colours": ("PNG P", large(watermark=Watermark())),
    "a mark on WebP": ("WebP", large(watermark=Watermark())),
    "a mark on WebP without loss": ("lossless WebP", large(watermark=Watermark())),
    "linear": ("JPEG", large(width=2000, linear=True)),
    "a coloured mark on grey": ("JPEG grey", large(watermark=Watermark(color="#ff0000"))),
    "no mark": ("PNG RGBA", large(watermark=None)),
    "three": (
        "JPEG",
        Recipe((
            Rendition(width=2400, height=2400),
            Rendition("b", width=1200, height=1200, format="webp"),
            Rendition("c", width=600, height=600, format="avif"),
        )),
    ),
}  # fmt: skip


def check_result(kind: str, recipe: Recipe, folder: Path) -> None:
    """An estimate of what is written holds as that of what is read."""
    measured, told = compared(CORPUS[kind](), recipe, folder)
    assert measured <= told <= 1.5 * measured, (measured, told)


def test_time_goes_by_what_there_is_to_tell() -> None:
    """As AVIF's does: what is told of noise would refuse pictures that take a tenth of it."""

    def told(image: Image.Image) -> float:
        source = open_source(saved(image, "JPEG"), Recipe().limits)
        return outlay.seconds(source, 1, large(format="avif"), Budget())

    noise = Image.frombytes("RGB", (400, 300), random.Random(1).randbytes(400 * 300 * 3))
    assert told(noise) > 4 * told(Image.new("RGB", noise.size, "red"))


@needs_peaks
@pytest.mark.prove
@pytest.mark.parametrize("name", FURTHER_KINDS)
def test_an_estimate_holds_for_further_kinds(name: str, tmp_path: Path) -> None:
    """By how its alpha and its chroma are stored, and in how many bits."""
    measured, told = compared(FURTHER_KINDS[name](), Recipe(), tmp_path)
    assert measured <= told <= 1.5 * measured, (measured, told)


@needs_peaks
@pytest.mark.parametrize("name", RESULTS)
def test_an_estimate_holds_for_large_results(name: str, tmp_path: Path) -> None:
    """Whose writing takes more than reading what they are made of."""
    check_result(*RESULTS[name], tmp_path)


@needs_peaks
@pytest.mark.prove
@pytest.mark.parametrize("name", FURTHER)
def test_an_estimate_holds_for_further_results(name: str, tmp_path: Path) -> None:
    """In every mode, and in the ways that hold more than a picture."""
    check_result(*FURTHER[name], tmp_path)
