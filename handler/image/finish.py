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
    from handler.recipe import Rendition


def finished(clip: Clip, assets: Path | None) -> Picture:
    """Mark, pad and encode ``clip``; ``assets`` is the folder of the files a watermark names."""
    output = encode.output_format(clip)
    encoder = ENCODERS[output.name]

    def done(image: Image) -> Image:
        return fit.padded(_marked(image, clip.rendition, assets)[0], clip.rendition)

    marked, warning = _marked(clip.image, clip.rendition, assets)
    image = fit.padded(marked, clip.rendition)
    moving = clip.moving.through(done) if clip.moving and encoder.moves else None
    body, told = encode.encoded(clip._replace(image=image, moving=moving), output)

    shown = len(moving.milliseconds) if moving else 1
    still = (
        f"{len(clip.moving.milliseconds)} frames, of which {output.name} shows only the first"
        if clip.moving and not moving
        else None
    )
    warnings = [*clip.warnings, still, warning, *told]
    return Picture(
        rendition=clip.rendition,
        body=body,
        content_type=output.content_type,
        extension=encoder.extension,
        width=image.width,
        height=image.height,
        frames=shown,
        changed_format=output.name != clip.source_format.name,
        warnings=tuple(dict.fromkeys(filter(None, warnings))),
        **placeholder(image)._asdict(),
    )


def _marked(image: Image, rendition: Rendition, assets: Path | None) -> tuple[Image, str | None]:
    if rendition.watermark is None:
        return image, None
    from handler.image.watermark import draw

    ready = image.convert("RGB") if image.mode == "L" and not rendition.watermark.grey else image
    return ready, draw.draw(ready, rendition.watermark, assets)
