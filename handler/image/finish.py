"""Finishing: the watermark, the padding, and the file that browsers show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handler.formats import ENCODERS
from handler.image import encode, fit
from handler.image.picture import Picture
from handler.image.placeholder import placeholder

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from handler.image.picture import Clip
    from handler.recipe import Rendition, Watermark


def finished(clip: Clip, assets: Path | None) -> Picture:
    """Mark, pad and encode ``clip``; ``assets`` is the folder of the files a watermark names."""
    output = encode.output_format(clip)
    encoder = ENCODERS[output.name]
    frames = clip.frames if encoder.moves else clip.frames[:1]

    marked = [_marked(frame, clip.rendition, assets) for frame in frames]
    padded = [fit.padded(image, clip.rendition) for image, _ in marked]
    body, over = encode.encoded(clip._replace(frames=padded), output)

    still = (
        f"{len(clip.frames)} frames, of which {output.name} shows only the first"
        if len(frames) < len(clip.frames)
        else None
    )
    warnings = [*clip.warnings, still, *(warning for _, warning in marked), over]
    return Picture(
        rendition=clip.rendition,
        body=body,
        content_type=output.content_type,
        extension=encoder.extension,
        width=padded[0].width,
        height=padded[0].height,
        frames=len(padded),
        changed_format=output.name != clip.source_format.name,
        warnings=tuple(dict.fromkeys(filter(None, warnings))),
        **placeholder(padded[0])._asdict(),
    )


def _marked(image: Image, rendition: Rendition, assets: Path | None) -> tuple[Image, str | None]:
    if rendition.watermark is None:
        return image, None
    from handler.image.watermark import draw

    ready = image.convert("RGB") if image.mode == "L" and not _grey(rendition.watermark) else image
    return ready, draw.draw(ready, rendition.watermark, assets)


def _grey(mark: Watermark) -> bool:
    """Whether the mark has no colour of its own, so that a grey picture may stay grey."""
    return not mark.image and all(
        colour[1:3] == colour[3:5] == colour[5:7] for colour in (mark.color, mark.outline)
    )
