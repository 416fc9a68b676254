"""What a rendition takes to be written, in bytes and nanoseconds a pixel, beside its picture.

All figures were measured on photographs, graphics and noise of 12 megapixels in each mode.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

from handler.image.opened import has_alpha, is_grey, is_lossless_webp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handler.image.source import Source
    from handler.recipe import Rendition


class _Cost(NamedTuple):
    """Of one pixel: bytes at the peak, and nanoseconds of a processor."""

    memory_bytes: float
    nanoseconds: float


# By the format and the mode that is written. A format that has no grey makes colours of it.
_STILL: Final[Mapping[str, Mapping[str, _Cost]]] = {
    "jpeg": {
        "L": _Cost(0.6, 6), "LA": _Cost(8.2, 16), "RGB": _Cost(1.4, 10), "RGBA": _Cost(8.2, 16),
    },
    "png": {
        "L": _Cost(2.5, 50), "LA": _Cost(5.4, 200), "RGB": _Cost(8.4, 80), "RGBA": _Cost(9.4, 80),
    },
    "webp": {
        "L": _Cost(10.6, 60), "LA": _Cost(25.6, 150),
        "RGB": _Cost(8.1, 60), "RGBA": _Cost(22.4, 150),
    },
    "avif": {
        "L": _Cost(28, 660), "LA": _Cost(30.4, 760),
        "RGB": _Cost(25.8, 730), "RGBA": _Cost(30.4, 800),
    },
    "gif": {
        "L": _Cost(3, 60), "LA": _Cost(10, 60), "RGB": _Cost(10, 60), "RGBA": _Cost(10, 60),
    },
}  # fmt: skip
# What quality auto takes more: bytes, of its tries and of denser coding; and how many times the
# time, for the file that looks alike and for each try at one that keeps to a size.
_LIKE_BYTES: Final[Mapping[str, Mapping[str, float]]] = {
    "jpeg": {"L": 8.8, "LA": 11.5, "RGB": 11.5, "RGBA": 11.5},
    "webp": {"L": 1, "LA": 14.2, "RGB": 1, "RGBA": 14.2},
    "avif": {"L": 11.5, "LA": 11.5, "RGB": 11.5, "RGBA": 11.5},
}
_LIKE_TIMES: Final = {"jpeg": (16, 6), "webp": (6, 6), "avif": (3, 3)}
_MOST_TRIES: Final = 7
# What an encoder takes whatever the size.
_ROOM_BYTES: Final = {"avif": 7 << 20}
# AVIF's time goes by what there is to tell: the figure above is that of text and noise, and this,
# in nanoseconds, that of an empty pixel and of each byte that the source has for one. JPEG takes
# more bytes for the same than younger formats. What is scaled has more to tell in a pixel.
_AVIF_EMPTY: Final = 80
_AVIF_BYTE: Final = 3500
_AVIF_JPEG_BYTE: Final = 1300
# A PNG of fewer bytes a pixel is a drawing, whose colours are counted and made fewer.
_DRAWN_BYTES: Final = 0.8
_DRAWN: Final = _Cost(1.8, 370)
# What looking for a file no larger than its source's takes, where there is a mark or another size:
# so many times the time; and of one without loss.
_FAIR_TIMES: Final = {"jpeg": 5, "webp": 5}
_EXACT: Final = _Cost(22, 250)
_EXACT_BYTES: Final = 0.4
# A canvas, and the picture in its mode; of a PNG's margins no more is held than is told already.
_PADDED_BYTES: Final = 4.3
# A mark that makes colours of grey.
_COLOURED_BYTES: Final = 4

# What a pixel of a frame leaves behind until the animation is written, by the format it is written
# in: Pillow's PNG holds every frame, the others what they have encoded.
_FRAME_BYTES: Final = {"gif": 0.5, "png": 4.5, "webp": 0.7, "avif": 0.3}
# What an encoder of animations holds beside, a pixel of one frame, and whatever the size.
_MOVING_BYTES: Final = {"gif": 8, "png": 24, "webp": 56, "avif": 118}
MOVING_ENCODER_BYTES: Final = 10 << 20
_FRAME_NANOSECONDS: Final = {"gif": 60, "png": 40, "webp": 120, "avif": 200}


def memory_bytes(source: Source, rendition: Rendition, area: int) -> float:
    """Return the bytes that a pixel of a still result takes at the peak, beside its picture.

    ``area`` is the result's, in pixels.
    """
    name, mode = _name(source, rendition), _mode(source, rendition)
    like = _LIKE_BYTES.get(name, {}) if rendition.quality == "auto" else {}
    coloured = _COLOURED_BYTES if is_grey(source) and mode == "RGB" else 0
    padded = _PADDED_BYTES if rendition.fit == "pad" and name != "png" else 0
    drawn = _DRAWN.memory_bytes * _is_drawn(source, rendition)
    exact = _EXACT.memory_bytes * _is_exact(source, rendition, area)
    room = _ROOM_BYTES.get(name, 0) / area
    more = like.get(mode, 0.0) + coloured + padded + drawn + exact + room
    return _STILL[name][mode].memory_bytes + more


def nanoseconds(source: Source, rendition: Rendition, area: int, count: int) -> float:
    """Return the time of a whole processor that a pixel of each of ``count`` frames takes."""
    name = _name(source, rendition)
    if count > 1:
        return _FRAME_NANOSECONDS.get(name, 0.0)
    if _is_drawn(source, rendition):
        return _DRAWN.nanoseconds
    once = _STILL[name][_mode(source, rendition)].nanoseconds
    if name == "avif":
        once = min(once, _avif_nanoseconds(source, area))
    dense = _LIKE_TIMES.get(name) if rendition.quality == "auto" else None
    alike, tried = dense or (0 if rendition.max_bytes else 1, 1)
    times = alike + (_MOST_TRIES * tried if rendition.max_bytes else 0)
    fair = _FAIR_TIMES[name] if _is_tried(source, rendition, area) else 1
    return once * max(times, fair) + _EXACT.nanoseconds * _is_exact(source, rendition, area)


def _avif_nanoseconds(source: Source, area: int) -> float:
    each = _AVIF_JPEG_BYTE if source.format.name == "jpeg" else _AVIF_BYTE
    return _AVIF_EMPTY + each * len(source.data) / sqrt(prod(source.image.size) * area)


def _is_drawn(source: Source, rendition: Rendition) -> bool:
    few = len(source.data) < _DRAWN_BYTES * prod(source.image.size)
    return source.format.name == "png" == _name(source, rendition) and few and not is_grey(source)


def _is_exact(source: Source, rendition: Rendition, area: int) -> bool:
    """Say whether a WebP may be tried without loss: one of more bytes is larger than any lossy."""
    few = len(source.data) < _EXACT_BYTES * prod(source.image.size)
    return few and is_lossless_webp(source) and _is_tried(source, rendition, area)


def _is_tried(source: Source, rendition: Rendition, area: int) -> bool:
    """Say whether a result may be larger than its source, and is tried again if it is.

    One of half its pixels hardly is; and what could be its source itself is that.
    """
    pixels = prod(source.image.size)
    own = rendition.watermark is None and area == pixels
    same = _name(source, rendition) == source.format.name
    tried = source.format.name in _FAIR_TIMES and same and not rendition.quality
    return tried and not own and pixels / 2 < area <= pixels


def moving_bytes(source: Source, rendition: Rendition, count: int) -> float:
    """Return the bytes that a pixel of an animation of ``count`` frames takes to be written."""
    name = _name(source, rendition)
    return _MOVING_BYTES.get(name, 0.0) + count * _FRAME_BYTES.get(name, 0.0)


def _name(source: Source, rendition: Rendition) -> str:
    """Return the format that ``rendition`` is written in."""
    if rendition.format != "keep":
        return rendition.format
    if source.format.encoder:
        return source.format.name
    return "png" if has_alpha(source) else "jpeg"


def _mode(source: Source, rendition: Rendition) -> str:
    """Return the mode that is written, as far as it can be told before anything is decoded."""
    mark = rendition.watermark
    coloured = rendition.fit == "pad" or (mark is not None and not mark.grey)
    mode = "L" if is_grey(source) and not coloured else "RGB"
    return mode + "A" * has_alpha(source)
