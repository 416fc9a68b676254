"""Estimates: never below what a process was measured to take, and seldom far above it."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from handler.image import limits
from handler.image.frames import frame_count
from handler.image.source import open_source
from handler.recipe import Recipe, Rendition
from tests.support import jxls, tiffs
from tests.support.pictures import saved

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 3000, 2000
ROWS = 200_000
MIB = 1 << 20
CHILD = """
import sys
from pathlib import Path
from handler.image import render
from handler.recipe import Recipe, Rendition
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


def moving(name: str, mode: str = "RGB", **options: Any) -> bytes:
    """An animation of 30 frames of 500 x 500."""
    ground, frames = photo(mode).resize((500, 500)), []
    for step in range(30):
        frame = ground.copy()
        frame.paste("red", (step * 10, 50, step * 10 + 80, 130))
        frames.append(frame)
    return saved(frames[0], name, save_all=True, append_images=frames[1:], duration=80, **options)


def heif(mode: str, chroma: int) -> bytes:
    """A HEIC of 6 megapixels."""
    pillow_heif = pytest.importorskip("pillow_heif")
    stream = BytesIO()
    pillow_heif.from_pillow(photo(mode)).save(stream, quality=40, chroma=chroma)
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
    "AVIF with alpha": partial(still, "RGBA", "AVIF", speed=10),
    "JPEG XL": partial(jpeg_xl, "RGB", distance=1.0),
    "JPEG XL in passes": partial(jpeg_xl, "RGB", distance=1.0, options={jxls.PASSES: 1}),
    "JPEG XL in a pyramid": partial(jpeg_xl, "RGB", options={jxls.PYRAMID: 1, jxls.EFFORT: 2}),
    "BMP": partial(still, "RGB", "BMP"),
    "HEIF": partial(heif, "RGB", 420),
    "HEIF 4:4:4 with alpha": partial(heif, "RGBA", 444),
    "GIF": partial(still, "P", "GIF"),
    "moving GIF": partial(moving, "GIF"),
    "moving PNG": partial(moving, "PNG", "RGBA", compress_level=1),
    "moving WebP": partial(moving, "WEBP", method=0),
    "moving AVIF": partial(moving, "AVIF", speed=10),
}


needs_peaks = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="peaks are read from /proc"
)


def compared(data: bytes, recipe: Recipe, folder: Path) -> tuple[int, int]:
    """What a process of its own was measured to take, and what was estimated, in MiB."""
    (folder / "source").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder / "source"), recipe.to_json()],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    source = open_source(data, recipe.limits)
    told = limits.memory_bytes(source, frame_count(source), recipe)
    return (limits.RESIDENT_BYTES + int(done.stdout) * 1024) // MIB, told // MIB


@needs_peaks
@pytest.mark.parametrize("name", CORPUS)
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
