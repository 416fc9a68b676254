"""Developing: everything that needs the source; once it is done, its bytes and buffers can go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from handler.image import fit, frames, scale
from handler.image.colour import told
from handler.image.limits import admitted
from handler.image.metadata import credentials
from handler.image.metadata.keep import keep
from handler.image.opened import is_lossless_webp
from handler.image.picture import Clip, Damaged, bare
from handler.image.source import open_source, salvaging

if TYPE_CHECKING:
    from PIL.Image import Image

    from handler.image.colour.told import Meaning
    from handler.image.picture import Budget, Moving
    from handler.image.source import Source
    from handler.recipe import Recipe, Rendition

_PALETTE_COLOURS: Final = 256


class _Made(NamedTuple):
    """What decoding gives a rendition, by the names that ``Clip`` has for it."""

    image: Image
    corner: tuple[int, int]
    moving: Moving | None


def developed(data: bytes, recipe: Recipe, budget: Budget) -> list[Clip]:
    """Decode ``data`` once and return what each rendition is made from, in the recipe's order.

    What is broken around the pixels is left out, with a warning. Raises ``Rejected`` for what is
    over a limit, and ``Damaged`` for pixels that are not whole, unless the recipe salvages them.
    """
    made = _attempted(data, recipe, budget)
    return _mended(data, recipe, budget, made) if isinstance(made, Damaged) else made


def _attempted(data: bytes, recipe: Recipe, budget: Budget) -> list[Clip] | Damaged:
    """Return the clips, or why there are none; of the attempt itself nothing is left."""
    try:
        return _clips(data, recipe, budget)
    except Damaged as damage:
        return bare(damage)


def _mended(data: bytes, recipe: Recipe, budget: Budget, damage: Damaged) -> list[Clip]:
    """Decode ``data`` without what is broken around its pixels, or else what is left of them."""
    from handler.image.mend import mended

    mend = mended(data)
    if mend:
        made = _attempted(mend.data, recipe, budget)
        if not isinstance(made, Damaged):
            return _warned(made, mend.warning)
    if recipe.limits.truncated != "salvage":
        raise damage
    return _salvaged(data, recipe, budget)


def _warned(clips: list[Clip], warning: str) -> list[Clip]:
    return [clip._replace(warnings=(*clip.warnings, warning)) for clip in clips]


def _salvaged(data: bytes, recipe: Recipe, budget: Budget) -> list[Clip]:
    """Decode what can be read of ``data``, whose strict decoding has failed."""
    with salvaging():
        clips = _clips(data, recipe, budget)
    return _warned(clips, "damaged: only its readable part is shown")


def _clips(data: bytes, recipe: Recipe, budget: Budget) -> list[Clip]:
    source = open_source(data, recipe.limits)
    count, warnings = admitted(source, recipe, budget)
    size, numbers = frames.upright_size(source), told.meaning(source)
    pictures = _pictures(source, count, numbers, recipe)
    blank = Clip(
        rendition=recipe.renditions[0],
        source_format=source.format,
        **pictures[0]._asdict(),
        metadata={},
        warnings=(*source.warnings, *warnings, *_left_out(source, recipe)),
        source_bytes=len(data),
        source_size=size,
        source_of_few=_of_few(source),
        source_exact=is_lossless_webp(source),
    )
    clips = [
        _described(source, blank._replace(rendition=rendition, **made._asdict()))
        for rendition, made in zip(recipe.renditions, pictures, strict=True)
    ]
    return [_whole(source, numbers, clip) for clip in clips]


def _of_few(source: Source) -> bool:
    """Say whether a PNG has no more colours than a palette holds; a photo is soon found to have."""
    counted = source.format.name == "png" and source.image.mode in ("1", "P", "RGB", "RGBA")
    return counted and bool(source.image.getcolors(_PALETTE_COLOURS))


def _described(source: Source, clip: Clip) -> Clip:
    """Return ``clip`` with what goes with its pixels."""
    rendition, image = clip.rendition, clip.image
    factor = fit.factor(clip.source_size, image.size, rendition)
    profile = image.info.get("icc_profile", b"")
    return clip._replace(
        rendition=_painted(rendition, profile),
        metadata=keep(source.image, rendition.metadata, factor),
        warnings=(*clip.warnings, *_pages(source, rendition)),
        profile=profile,
    )


def _whole(source: Source, numbers: Meaning, clip: Clip) -> Clip:
    """Return ``clip`` with what else its source's bytes have for it: a gain map, or all of it."""
    if clip.rendition.hdr == "keep" and source.format.name == "jpeg":
        from handler.image.gainmap import keep as gain_maps

        clip = gain_maps.kept(source, clip)
    same_size = clip.image.size == clip.source_size
    if clip.rendition.watermark or clip.gain_map or not same_size:
        return clip
    from handler.image import own

    return clip._replace(own=own.picture(source, numbers, clip))


def _pages(source: Source, rendition: Rendition) -> tuple[str, ...]:
    """Return what to say of a TIFF's further pages where they become nothing."""
    further = getattr(source.image, "further", 0)
    told = further and rendition.pages == "first"
    return (f"{further + 1} pages: only the first is kept",) if told else ()


def _painted(rendition: Rendition, profile: bytes) -> Rendition:
    """Return ``rendition`` with its colours in the numbers of a picture with this ``profile``."""
    if not profile:
        return rendition
    from handler.image.colour import wide

    return wide.painted(rendition)


def _left_out(source: Source, recipe: Recipe) -> tuple[str, ...]:
    """Return what a photographer who wants any metadata kept should know is not."""
    kept = any(rendition.metadata != "none" for rendition in recipe.renditions)
    return (credentials.WARNING,) if kept and credentials.credentialed(source) else ()


def _pictures(source: Source, count: int, meaning: Meaning, recipe: Recipe) -> list[_Made]:
    """Return the picture of each rendition, and its animation where it has ``count`` frames."""
    if count == 1:
        (frame,) = frames.decoded(source, count, recipe.renditions)
        return [_Made(*copy, None) for copy in scale.copies(frame, meaning, recipe.renditions)]
    from handler.image import moving

    # A mark is drawn into the picture itself.
    return [
        _Made(each.samples[0].copy(), corner, each)
        for each, corner in moving.of(source, count, meaning, recipe)
    ]
