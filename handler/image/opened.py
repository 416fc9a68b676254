"""What an opened source will be when it is decoded: its size, its colours, alpha and scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handler.image.frames import draft_size, upright_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handler.image.source import Source
    from handler.recipe import Rendition

_HEADER_BYTES: Final = 1 << 16
_GREY_MODES: Final = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "F"})


def decoded_size(source: Source, renditions: Sequence[Rendition]) -> tuple[int, int]:
    """Return the upright size of what is decoded: of a JPEG as little as ``renditions`` need."""
    size = upright_size(source)
    by = shrunk(source, renditions)
    return -(-size[0] // by), -(-size[1] // by)


def is_grey(source: Source) -> bool:
    """Say whether a source has no colours, and so takes a byte a pixel."""
    return source.image.mode in _GREY_MODES


def has_alpha(source: Source) -> bool:
    """Say whether a source may let something shine through."""
    return source.image.mode[-1] in "Aa" or "transparency" in source.image.info


def is_lossless_webp(source: Source) -> bool:
    """Say whether a source is a WebP that is coded without loss."""
    return source.format.name == "webp" and b"VP8L" in source.data[:_HEADER_BYTES]


def shrunk(source: Source, renditions: Sequence[Rendition]) -> int:
    """Return what the sides of a JPEG are divided by while it is decoded, as Pillow does."""
    if source.image.format != "JPEG" or any(each.linear for each in renditions):
        return 1
    size, wanted = upright_size(source), draft_size(source, renditions)
    most = min(size[0] // wanted[0], size[1] // wanted[1])
    return next((each for each in (8, 4, 2) if most >= each), 1)


def scans(source: Source) -> int:
    """Return how many scans a JPEG has that is decoded scan by scan; 0 for every other picture."""
    if source.image.format != "JPEG":
        return 0
    from handler.image import jpeg

    if "progressive" not in source.image.info and not component_by_component(source):
        return 0
    return sum(segment.marker == jpeg.START_OF_SCAN for segment in jpeg.segments(source.data))


def component_by_component(source: Source) -> bool:
    """Say whether a baseline JPEG's first scan has not all of its components (T.81, B.2.3)."""
    from handler.image import jpeg

    heads = (each.body for each in jpeg.segments(source.data) if each.marker == jpeg.START_OF_SCAN)
    first = next(heads, b"")
    return not first or first[0] < len(layers(source))


def layers(source: Source) -> list[tuple[int, int, int, int]]:
    """Return of each component of a JPEG Pillow's number, samples across and down, and table."""
    found: list[tuple[int, int, int, int]] = getattr(source.image, "layer", [])
    return found
