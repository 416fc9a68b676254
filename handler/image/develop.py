"""Developing: everything that needs the source; once it is done, its bytes and buffers can go."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PIL import ImageFile

from handler.image import fit, frames, scale
from handler.image.colour import told
from handler.image.limits import admitted
from handler.image.metadata import credentials
from handler.image.metadata.keep import keep
from handler.image.picture import Clip, Damaged
from handler.image.source import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from handler.image.picture import Budget
    from handler.image.source import Source
    from handler.recipe import Recipe, Rendition


def developed(data: bytes, recipe: Recipe, budget: Budget) -> list[Clip]:
    """Decode ``data`` once and return what each rendition is made from, in the recipe's order.

    What is broken around the pixels is left out, with a warning. Raises ``Rejected`` for what is
    over a limit, and ``Damaged`` for pixels that are not whole, unless the recipe salvages them.
    """
    try:
        return _clips(data, recipe, budget)
    except Damaged as damage:
        return _mended(data, recipe, budget, damage)


def _mended(data: bytes, recipe: Recipe, budget: Budget, damage: Damaged) -> list[Clip]:
    """Decode ``data`` without what is broken around its pixels, or else what is left of them."""
    from handler.image.mend import mended

    mend = mended(data)
    if mend:
        with suppress(Damaged):
            return _warned(_clips(mend.data, recipe, budget), mend.warning)
    if recipe.limits.truncated != "salvage":
        raise damage
    return _salvaged(data, recipe, budget)


def _warned(clips: list[Clip], warning: str) -> list[Clip]:
    return [clip._replace(warnings=(*clip.warnings, warning)) for clip in clips]


def _salvaged(data: bytes, recipe: Recipe, budget: Budget) -> list[Clip]:
    """Decode what can be read of ``data``, whose strict decoding has failed.

    Pillow knows one switch for all its plugins; it is on for this one picture.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        clips = _clips(data, recipe, budget)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return _warned(clips, "damaged: only its readable part is shown")


def _clips(data: bytes, recipe: Recipe, budget: Budget) -> list[Clip]:
    source = open_source(data, recipe.limits)
    count, warnings = admitted(source, recipe, budget)
    warnings = (*source.warnings, *warnings, *_left_out(source, recipe))
    size = frames.upright_size(source)
    times, rolls = _rolls(source, count, recipe.renditions)
    return [
        Clip(
            _painted(rendition, profile := roll[0].info.get("icc_profile", b"")),
            source.format,
            roll,
            times,
            frames.plays(source),
            keep(source.image, rendition.metadata, fit.factor(size, roll[0].size, rendition)),
            warnings,
            profile,
        )
        for rendition, roll in zip(recipe.renditions, rolls, strict=True)
    ]


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


def _rolls(
    source: Source, count: int, renditions: Sequence[Rendition]
) -> tuple[list[float], list[list[Image]]]:
    """Decode each frame once; return what each lasts, and each rendition's resized frames.

    Times are in milliseconds.
    """
    times: list[float] = []
    rolls: list[list[Image]] = [[] for _ in renditions]
    meaning = told.meaning(source)
    for frame in frames.decoded(source, count, renditions):
        times.append(frame.milliseconds)
        for roll, image in zip(rolls, scale.copies(frame, meaning, renditions), strict=True):
            roll.append(image)
    return times, rolls
