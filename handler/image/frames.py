"""Frames: a source's pixels, one frame or many, decoded no larger than the renditions need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PIL import Image, ImageFile

from handler.image import fit
from handler.image.orientation import exif_orientation
from handler.image.picture import Rejected
from handler.image.source import damage_rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handler.image.source import Source
    from handler.recipe import Rendition

# Milliseconds a GIF's frame lasts at most; what an APNG may claim overflows the clocks of other
# formats.
_LONGEST_MILLISECONDS: Final = 655_350.0

_AVERAGED_MODES: Final = frozenset({"L", "LA", "RGB", "RGBA"})

# The most repetitions a WebP can count.
_MOST_PLAYS: Final = 65_535


class Frame(NamedTuple):
    """Decoded pixels as stored: ``box`` is the picture within them.

    ``size`` is the whole picture's upright size before any draft, ``drafted`` whether the decoder
    has brought it down to a half, quarter or eighth.
    """

    image: Image.Image
    box: tuple[float, float, float, float]
    size: tuple[int, int]
    orientation: int
    milliseconds: float
    drafted: bool = False


def decoded(source: Source, count: int, renditions: Sequence[Rendition]) -> Iterator[Frame]:
    """Yield the first ``count`` frames, each valid until the next is asked for.

    Pillow decodes them all into one buffer.
    """
    start = 1 if has_default(source) else 0
    if count == 1 and not start:
        yield _still(source, renditions)
        return
    canvas = source.image.size
    for index in range(start, start + count):
        with damage_rejected():
            source.image.seek(index)
        if source.image.size != canvas:
            raise Rejected(_beyond(source.image.size, canvas))
        yield _still(source, renditions)


def _beyond(size: tuple[int, int], canvas: tuple[int, int]) -> str:
    """Return why a frame is refused for which Pillow has enlarged the canvas."""
    return (
        f"a frame reaches to {size[0]} x {size[1]}, beyond its canvas of {canvas[0]} x {canvas[1]}"
    )


@damage_rejected()
def frame_count(source: Source) -> int:
    """Return how many frames the source animates."""
    if not source.format.moves:
        return 1  # the pages of a TIFF and the pictures of a HEIF are no animation
    count: int = getattr(source.image, "n_frames", 1)
    return count - 1 if has_default(source) else count


def has_default(source: Source) -> bool:
    """Say whether an APNG has a picture for viewers that cannot animate, which is no frame."""
    return bool(getattr(source.image, "default_image", False))


def upright_size(source: Source) -> tuple[int, int]:
    """Return the size of a source that is not yet loaded, as its viewers see it."""
    return fit.turned(source.image.size, orientation_of(source))


def plays(source: Source) -> int:
    """Return how often an animation plays, 0 = for ever.

    A GIF counts repetitions, and plays once when it names none.
    """
    loop: int | None = source.image.info.get("loop")
    if source.format.name == "gif":
        loop = 1 if loop is None else loop and loop + 1
    return min(loop or 0, _MOST_PLAYS)


@damage_rejected()
def _still(source: Source, renditions: Sequence[Rendition]) -> Frame:
    # A draft averages numbers, which is what scaling in linear light is asked to avoid.
    if source.image.format == "JPEG" and not any(each.linear for each in renditions):
        return _drafted(source, renditions)
    block = block_of(source, renditions)
    salvaged = ImageFile.LOAD_TRUNCATED_IMAGES  # which takes a part for the whole
    if source.format.name == "heif" and block != fit.EACH_PIXEL and not salvaged:
        return _averaged(source, block)
    image = _loaded(source)
    orientation = orientation_of(source)
    milliseconds = min(float(image.info.get("duration", 0)), _LONGEST_MILLISECONDS)
    return Frame(
        image, (0, 0, *image.size), fit.turned(image.size, orientation), orientation, milliseconds
    )


def block_of(source: Source, renditions: Sequence[Rendition]) -> tuple[int, int]:
    """Return the blocks of pixels that are averaged before anything else is done to them.

    Pillow knows no averages of numbers of more than 8 bits.
    """
    if source.image.mode not in _AVERAGED_MODES:
        return fit.EACH_PIXEL
    return fit.common_block(upright_size(source), renditions)


def draft_size(source: Source, renditions: Sequence[Rendition]) -> tuple[int, int]:
    """Return the least upright size that a JPEG may be decoded at for ``renditions``."""
    size = upright_size(source)
    wanted = [fit.scaled_size(size, rendition) for rendition in renditions]
    margin = 1.0 if size[0] * size[1] > fit.LARGE_PIXELS else 1.4
    return (
        round(max(width for width, _ in wanted) * margin),
        round(max(height for _, height in wanted) * margin),
    )


def _averaged(source: Source, block: tuple[int, int]) -> Frame:
    image: Any = source.image
    small = image.averaged(block)
    box = (0, 0, image.width / block[0], image.height / block[1])
    return Frame(small, box, image.size, orientation_of(source), 0)


def _loaded(source: Source) -> Image.Image:
    if source.format.name == "webp":
        from handler.image import webp

        still = webp.decoded(source.data, source.image)
        if still:
            return still
    source.image.load()
    return source.image


def _drafted(source: Source, renditions: Sequence[Rendition]) -> Frame:
    """Return a JPEG decoded at a half, quarter or eighth, if all renditions are smaller.

    It takes a fraction of the time. Pillow has to be asked with the exact size, or it will not.
    """
    image, orientation = source.image, orientation_of(source)
    whole, size = image.size, upright_size(source)
    draft = image.draft(None, fit.turned(draft_size(source, renditions), orientation))
    image.load()
    box = draft[1] if draft else (0, 0, *whole)
    return Frame(image, box, size, orientation, 0, drafted=image.size != whole)


def orientation_of(source: Source) -> int:
    """Return the orientation still to be applied: some decoders turn what they decode."""
    return 1 if source.format.upright else exif_orientation(source.image)
