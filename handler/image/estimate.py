"""What a picture will take, in bytes and nanoseconds a pixel, by what was opened of it.

All figures were measured, as the peak of a process less what it held before, on 12 to 48 megapixels
of each kind; a generated corpus holds them to it in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from handler.image.frames import has_default
from handler.image.opened import component_by_component, is_lossless_webp, layers, scans, shrunk
from handler.image.source import damage_rejected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from handler.formats import Cost
    from handler.image.source import Source
    from handler.recipe import Rendition

# By Pillow's mode: what its pixels take, and what scaling makes of them first: more bits, colours
# for a palette's numbers, colours multiplied by their alpha.
_MODE_BYTES: Final = {
    "1": 2.3,
    "L": 1.3,
    "P": 5.8,
    "RGB": 4.8,
    "CMYK": 4.8,
    "YCbCr": 4.8,
    "LAB": 4.8,
    "I;16": 11.2,
    "I;16B": 11.2,
    "F": 9.2,
}
_OTHER_MODE_BYTES: Final = 8.8
_TRANSPARENT_COLOUR_BYTES: Final = 9.8
_TRANSPARENT_RGB_BYTES: Final = 12.8

# By how its alpha and its chroma are stored: what libheif takes of 8 bits and of more.
_HEIF_BYTES: Final = {
    ("L", "monochrome"): (2.5, 4.0),
    ("RGB", "420"): (6.9, 7.4),
    ("RGB", "422"): (8.2, 12.4),
    ("RGB", "444"): (9.2, 15.0),
    ("RGBA", "420"): (9.0, 12.0),
    ("RGBA", "422"): (11.2, 16.0),
    ("RGBA", "444"): (12.2, 20.2),
}
_HEIF_NANOSECONDS: Final = {"420": 45, "422": 70, "444": 80}
_DEEP_NANOSECONDS: Final = 40
_EIGHT_BITS: Final = 8

_AVIF_BYTES: Final = {"L": 3.0, "RGB": 8.6, "RGBA": 11.8}
# Samples of colour for one of brightness, less the half of 4:2:0; dav1d holds more than one copy.
_AVIF_CHROMA_BYTES: Final = {"420": 0.0, "422": 1.0, "444": 2.0}
_AVIF_DEEP_BYTES: Final = 5.0
_AVIF_DEEP_FACTOR: Final = 1.5
_AVIF_WORST: Final = 0b0100_0000

# WebP's two codings: the lossless one holds all pixels a second time.
_WEBP_BYTES: Final = {("RGB", False): 5.0, ("RGBA", False): 9.0, ("RGB", True): 9.5}
_WEBP_OTHER_BYTES: Final = 10.2

_JPEG2000_BYTES: Final = {"L": 6.5, "LA": 13.2, "RGB": 18.5}

# A coefficient of a progressive JPEG, and what lies beside them.
_COEFFICIENT_BYTES: Final = 2.0
_BESIDE_COEFFICIENTS_BYTES: Final = 0.6
# Each scan passes over every block again, however little it says.
_SCAN_NANOSECONDS: Final = 0.1

_HEADER_BYTES: Final = 1 << 16
_RAW: Final = "raw"
_BITS_PER_SAMPLE: Final = 258
_ROWS_PER_STRIP: Final = 278
_TILE_WIDTH: Final = 322
_TILE_LENGTH: Final = 323


def pixel_bytes(source: Source, count: int, renditions: Sequence[Rendition]) -> float:
    """Return the bytes that one pixel of a frame takes at the peak; ``count`` frames are read."""
    kind = source.format
    if kind.moving_cost and count > 1:
        return kind.moving_cost.memory_bytes
    if source.image.format == "JPEG":
        return _jpeg_bytes(source) + _drafted_bytes(source, renditions)
    if own := _own_cost(source):
        return max(own.memory_bytes, _mode_bytes(source.image))
    special = {
        "heif": _heif_bytes,
        "avif": _avif_bytes,
        "webp": _webp_bytes,
        "jpeg2000": _jpeg2000_bytes,
        "tiff": _tiff_bytes,
    }
    if measured := special.get(kind.name):
        return measured(source)
    # A picture before the first frame is kept while that is decoded.
    if kind.moves and (count > 1 or has_default(source)):
        return kind.cost.memory_bytes
    return _mode_bytes(source.image)


def pixel_nanoseconds(source: Source, count: int) -> float:
    """Return the time of a whole processor that one pixel of a frame takes."""
    kind = source.format
    if kind.moving_cost and count > 1:
        return kind.moving_cost.nanoseconds
    if kind.progressive_cost and (passes := scans(source)):
        return kind.progressive_cost.nanoseconds + passes * _SCAN_NANOSECONDS
    if kind.name == "heif":
        deeper = _heif_deep(source) * _DEEP_NANOSECONDS
        return _HEIF_NANOSECONDS.get(_heif_chroma(source), 45) + deeper
    own = _own_cost(source)
    return own.nanoseconds if own else kind.cost.nanoseconds


def _own_cost(source: Source) -> Cost | None:
    """Return what a picture's opener says that a pixel of it takes, if it does."""
    return getattr(source.image, "cost", None)


def _mode_bytes(image: Image) -> float:
    if "transparency" not in image.info:
        return _MODE_BYTES.get(image.mode, _OTHER_MODE_BYTES)
    return _TRANSPARENT_RGB_BYTES if image.mode == "RGB" else _TRANSPARENT_COLOUR_BYTES


def _drafted_bytes(source: Source, renditions: Sequence[Rendition]) -> float:
    return _mode_bytes(source.image) / shrunk(source, renditions) ** 2


def _jpeg_bytes(source: Source) -> float:
    if "progressive" not in source.image.info and not component_by_component(source):
        return 0.0
    sampled = [across * down for _, across, down, _ in layers(source)]
    samples = sum(sampled) / max([1, *sampled])
    return samples * _COEFFICIENT_BYTES + _BESIDE_COEFFICIENTS_BYTES


def _heif_chroma(source: Source) -> str:
    return str(source.image.info.get("chroma", "monochrome"))


def _heif_bytes(source: Source) -> float:
    mode = source.image.mode
    key = (mode, "monochrome" if mode == "L" else _heif_chroma(source))
    return _HEIF_BYTES.get(key, _HEIF_BYTES["RGBA", "444"])[_heif_deep(source)]


def _heif_deep(source: Source) -> bool:
    return int(source.image.info.get("bit_depth", _EIGHT_BITS)) > _EIGHT_BITS


def _avif_bytes(source: Source) -> float:
    """Return it by the codec's own box, ``av1C`` (AV1-ISOBMFF 2.3): depth and subsampling."""
    at = source.data.find(b"av1C", 0, _HEADER_BYTES)
    flags = source.data[at + 6] if 0 <= at < len(source.data) - 6 else _AVIF_WORST
    chroma = {0b1100: "420", 0b1000: "422", 0b0000: "444"}.get(flags & 0b1100, "444")
    mode = source.image.mode
    plain = _AVIF_BYTES.get(mode, _AVIF_BYTES["RGBA"])
    more = 0.0 if mode == "L" else _AVIF_CHROMA_BYTES[chroma]
    deep = flags & 0b0100_0000
    return plain + (_AVIF_DEEP_BYTES + more * _AVIF_DEEP_FACTOR if deep else more)


def _webp_bytes(source: Source) -> float:
    return _WEBP_BYTES.get((source.image.mode, is_lossless_webp(source)), _WEBP_OTHER_BYTES)


def _jpeg2000_bytes(source: Source) -> float:
    return _JPEG2000_BYTES.get(source.image.mode, 24.0)


@damage_rejected()
def _tiff_bytes(source: Source) -> float:
    """Return what the mode takes, or, if more, the pixels beside the largest piece, unpacked."""
    image = source.image
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    plain = _mode_bytes(image)
    if image.info.get("compression", _RAW) == _RAW or not image.width * image.height:
        return plain
    piece = sum(tags.get(_BITS_PER_SAMPLE, (1,))) / 8 * _piece_pixels(image, tags)
    stored = 1.3 if image.mode in ("1", "L", "P") else 2.3 if image.mode[0] == "I" else 4.8
    return max(plain, float(stored + piece / (image.width * image.height)))


def _piece_pixels(image: Image, tags: Mapping[int, Any]) -> int:
    """Return how many pixels are unpacked at once: a strip's, or a tile's, which may be larger."""
    if _TILE_WIDTH in tags:
        return int(tags[_TILE_WIDTH]) * int(tags.get(_TILE_LENGTH, 0))
    return image.width * min(int(tags.get(_ROWS_PER_STRIP, image.height)), image.height)
