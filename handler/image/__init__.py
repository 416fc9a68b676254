"""The picture core: bytes and a recipe in, finished pictures and facts out. Pure; the only package in handler/ that imports PIL.

``render`` reads like the story: open (``source``), hold against the limits (``limits``), decode and resize (``frames``,
``colour``, ``fit``), mark (``watermark``), encode (``encode``, ``metadata``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handler.image import encode, fit, frames, watermark
from handler.image.limits import admitted
from handler.image.picture import Budget, Picture, Rejected
from handler.image.source import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL.Image import Image

    from handler.image.source import Source
    from handler.recipe import Recipe, Rendition

__all__ = ["Budget", "Picture", "Rejected", "render"]


def render(source: bytes, recipe: Recipe, budget: Budget = Budget(), assets: Path | None = None) -> tuple[Picture, ...]:
    """Return one finished picture for each rendition of ``recipe``, in its order.

    ``assets`` is the folder of the files a watermark names. Raises ``Rejected`` where ``source`` can never work;
    ``OSError`` or ``ValueError`` where a watermark's file is missing or unreadable, which is the deployment's fault.
    """
    opened = open_source(source, recipe.limits)
    count, warnings = admitted(opened, recipe, budget)
    times, rolls = _developed(opened, count, recipe.renditions)
    clips = [encode.Clip(roll, times, frames.plays(opened)) for roll in rolls]
    return tuple(_finished(opened, clip, rendition, warnings, assets) for clip, rendition in zip(clips, recipe.renditions, strict=True))


def _developed(source: Source, count: int, renditions: Sequence[Rendition]) -> tuple[list[float], list[list[Image]]]:
    """Decode each frame once; return what each lasts, in milliseconds, and for each rendition its resized frames."""
    times: list[float] = []
    rolls: list[list[Image]] = [[] for _ in renditions]
    for frame in frames.decoded(source, count, renditions):
        times.append(frame.milliseconds)
        for roll, image in zip(rolls, frames.copies(frame, renditions), strict=True):
            roll.append(image)
    return times, rolls


def _finished(source: Source, clip: encode.Clip, rendition: Rendition, warnings: Sequence[str], assets: Path | None) -> Picture:
    name = encode.output_format(rendition, source.format, clip.frames[0])
    clip = clip if name in encode.ANIMATED else clip.first()
    marks = [_marked(image, rendition, assets) for image in clip.frames]
    clip = replace(clip, frames=[fit.padded(image, rendition) for image in clip.frames])
    body = encode.encoded(clip, name, rendition, {})
    first = clip.frames[0]
    return Picture(
        rendition=rendition,
        body=body,
        content_type=encode.CONTENT_TYPES[name],
        extension=encode.EXTENSIONS[name],
        width=first.width,
        height=first.height,
        frames=len(clip.frames),
        changed_format=name != source.format,
        warnings=tuple(dict.fromkeys([*warnings, *filter(None, marks)])),
    )


def _marked(image: Image, rendition: Rendition, assets: Path | None) -> str | None:
    return watermark.draw(image, rendition.watermark, assets) if rendition.watermark else None
