"""What a source says its numbers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from handler.image.colour.space import HighRange, Space
    from handler.image.source import Source

    # An ICC profile, or what numbers mean; None: sRGB, as on the web whatever says nothing.
    Meaning = bytes | Space | HighRange | None

# The formats that may say it in another way than by a profile.
_CODED: Final = frozenset({"png", "avif", "heif", "jpeg2000", "jpegxl"})


def meaning(source: Source) -> Meaning:
    """Return what the numbers of ``source`` mean."""
    if source.format.name not in _CODED:
        return embedded(source)
    from handler.image.colour import coded

    return coded.READERS[source.format.name](source)


def embedded(source: Source) -> bytes | None:
    """Return the ICC profile that Pillow has found in ``source``."""
    return source.image.info.get("icc_profile") or None
