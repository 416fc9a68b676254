"""libvips through pyvips on one thread.

Its thumbnail operation, which shrinks on load, then a text blended in.
"""

from __future__ import annotations

import os

# libvips reads its thread count when it loads.
os.environ["VIPS_CONCURRENCY"] = "1"

import pyvips

from bench.contenders.serve import serve

_SAVE = {
    "jpegload_buffer": (".jpg", {"Q": 80}),
    "pngload_buffer": (".png", {}),
    "webpload_buffer": (".webp", {"Q": 80, "effort": 4}),
}


def _small(source: bytes) -> pyvips.Image:
    """Convert colours only where a profile is embedded.

    Without one libvips would turn sRGB into sRGB, for twice the time.
    """
    profile = (
        {"export_profile": "srgb"}
        if pyvips.Image.new_from_buffer(source, "").get_typeof("icc-profile-data")
        else {}
    )
    return pyvips.Image.thumbnail_buffer(source, 800, height=600, size="down", **profile)


def _marked(source: bytes) -> bytes:
    small = _small(source)
    text = pyvips.Image.text("Watermark", font="sans 36", dpi=72) * 0.65
    layer = (
        text.new_from_image([255, 255, 255])
        .bandjoin(text)
        .cast("uchar")
        .copy(interpretation="srgb")
    )
    margin = 18
    placed = small.composite2(
        layer, "over", x=small.width - layer.width - margin, y=small.height - layer.height - margin
    )
    return _saved(placed if small.hasalpha() else placed.extract_band(0, n=3), source)


def _bare(source: bytes) -> bytes:
    return _saved(_small(source), source)


def _jpeg(source: bytes) -> bytes:
    body: bytes = _small(source).write_to_buffer(".jpg", keep="none", Q=80)
    return body


def _saved(picture: pyvips.Image, source: bytes) -> bytes:
    suffix, options = _SAVE[pyvips.Image.new_from_buffer(source, "").get("vips-loader")]
    body: bytes = picture.write_to_buffer(suffix, keep="none", **options)
    return body


if __name__ == "__main__":
    pyvips.cache_set_max(0)
    serve({"marked": _marked, "bare": _bare, "jpeg": _jpeg})
