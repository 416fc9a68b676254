"""Animations: what their frames have in common, and the frames, decoded anew for each rendition.

Gathered, the frames of an ordinary animation would take more memory than any picture; to decode
them again takes a fraction of the time that encoding takes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import ImageFile

from handler.image import frames, scale
from handler.image.colour import convert
from handler.image.picture import Moving
from handler.image.source import damage_rejected, open_source, salvaging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

    from handler.image.colour.told import Meaning
    from handler.image.source import Source
    from handler.recipe import Limits, Recipe, Rendition

# A few frames: the first, of a GIF so many that a palette can be made from them.
_GIF_SAMPLES: Final = 12


class _Look(NamedTuple):
    """What is known of a frame without scaling it."""

    milliseconds: float
    alpha: bool
    grey: bool


class _Again(NamedTuple):
    """What decoding a source's frames once more takes."""

    data: bytes
    limits: Limits
    frames: int
    meaning: Meaning
    salvaged: bool


def of(
    source: Source, count: int, meaning: Meaning, recipe: Recipe
) -> list[tuple[Moving, scale.Corner]]:
    """Return each rendition's animation and the corner it is cut at; each frame was decoded once.

    Raises ``Rejected`` where one cannot be.
    """
    every = -(-count // _GIF_SAMPLES) if source.format.name == "gif" else count
    looks: list[_Look] = []
    samples: list[list[Image]] = []
    corners: list[scale.Corner] = []  # the first frame's: a part chosen anew for each would tremble
    for number, frame in enumerate(frames.decoded(source, count, recipe.renditions)):
        looks.append(_looked(frame))
        if number % every == 0:
            copies = scale.copies(frame, meaning, recipe.renditions, corners)
            corners = [copy.corner for copy in copies]
            samples.append([copy.image for copy in copies])
    moving = partial(
        Moving,
        milliseconds=[look.milliseconds for look in looks],
        plays=frames.plays(source),
        alpha=any(look.alpha for look in looks),
        grey=all(look.grey for look in looks),
    )
    salvaged = ImageFile.LOAD_TRUNCATED_IMAGES
    again = _Again(source.data, recipe.limits, count, meaning, salvaged=salvaged)
    renditions = zip(recipe.renditions, corners, zip(*samples, strict=True), strict=True)
    return [
        (moving(partial(_again, again, rendition, corner), few), corner)
        for rendition, corner, few in renditions
    ]


@damage_rejected()
def _looked(frame: frames.Frame) -> _Look:
    image = convert.resamplable(frame.image)
    clear = image.mode in ("LA", "RGBA") and image.getchannel("A").getextrema() != (255, 255)
    return _Look(frame.milliseconds, clear, image.mode in ("L", "LA"))


def _again(again: _Again, rendition: Rendition, corner: scale.Corner) -> Iterator[Image]:
    """Yield every frame once more, one at a time, damage salvaged as it was the first time."""
    reel = frames.decoded(open_source(again.data, again.limits), again.frames, [rendition])
    while True:
        with salvaging(again.salvaged):
            frame = next(reel, None)
        if frame is None:
            return
        yield scale.copies(frame, again.meaning, [rendition], [corner])[0].image
