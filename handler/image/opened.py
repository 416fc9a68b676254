"""What an opened source will be when it is decoded: its size, and whether it has colours, alpha."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handler.image.frames import draft_size, upright_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handler.image.source import Source
    from handler.recipe import Rendition

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


def shrunk(source: Source, renditions: Sequence[Rendition]) -> int:
    """Return what the sides of a JPEG are divided by while it is decoded, as Pillow does."""
    if source.image.format != "JPEG" or any(each.linear for each in renditions):
        return 1
    size, wanted = upright_size(source), draft_size(source, renditions)
    most = min(size[0] // wanted[0], size[1] // wanted[1])
    return next((each for each in (8, 4, 2) if most >= each), 1)
