"""Encoding: finished frames in, the bytes of a file that browsers show out."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from handler.formats import ENCODERS, FORMATS
from handler.image import gif

if TYPE_CHECKING:
    from collections.abc import Callable

    from handler.formats import Format
    from handler.image.picture import Clip

# The quality below which a smaller file is not worth looking at.
_LOWEST: Final = 10


class _Named(BytesIO):
    """Pillow imports five plugins to save by ``format``, but one to save by a file's name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def output_format(clip: Clip) -> Format:
    """Return the format asked for, or else the source's.

    Where browsers do not show that, JPEG, or PNG if something shines through.
    """
    if clip.rendition.format != "keep":
        return FORMATS[clip.rendition.format]
    if clip.source_format.encoder:
        return clip.source_format
    return FORMATS["png" if clip.alpha else "jpeg"]


def encoded(clip: Clip, output: Format) -> tuple[bytes, str | None]:
    """Return ``clip`` as a file of format ``output``; a warning if it is over ``max_bytes``."""
    frames = _suited(clip, output.name)
    default, bound = ENCODERS[output.name].quality, clip.rendition.max_bytes
    quality = clip.rendition.quality or default
    body = _written(clip, output.name, frames, quality)
    if bound and len(body) > bound and default:
        body = _smaller(lambda lower: _written(clip, output.name, frames, lower), bound, quality)
    over = bound and len(body) > bound
    return (
        body,
        f"{len(body)} bytes; {output.name} cannot be brought under {bound}" if over else None,
    )


def _smaller(write: Callable[[int], bytes], bound: int, quality: int) -> bytes:
    """Return the bytes of the best quality under ``bound``; of the lowest where none is.

    Bisects: at most seven tries.
    """
    low, high, best = min(_LOWEST, quality), quality, b""
    while high - low > 1:
        middle = (low + high) // 2
        body = write(middle)
        if len(body) <= bound:
            low, best = middle, body
        else:
            high = middle
    return best or write(low)


def _suited(clip: Clip, name: str) -> list[Image.Image]:
    """Return the frames in one mode that the format can write."""
    if name == "gif":
        return [gif.paletted(frame) for frame in clip.frames]
    if name == "jpeg":
        return [_flattened(frame, clip.rendition.background) for frame in clip.frames]
    mode = "RGBA" if clip.alpha else "RGB"
    grey = name == "png" and all(frame.mode in ("L", "LA") for frame in clip.frames)
    mode = mode.replace("RGB", "L") if grey else mode
    return [frame if frame.mode == mode else frame.convert(mode) for frame in clip.frames]


def _flattened(image: Image.Image, background: str) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image
    canvas = Image.new("RGB", image.size, background)
    rgba = image.convert("RGBA")
    canvas.paste(rgba, mask=rgba)
    return canvas


def _written(clip: Clip, name: str, frames: list[Image.Image], quality: int) -> bytes:
    encoder = ENCODERS[name]
    options = {**encoder.options, **_metadata(clip, name)}
    if encoder.quality:
        options |= {"quality": quality}
    if len(frames) > 1:
        options |= _timing(clip, name) | {"save_all": True, "append_images": frames[1:]}
    file = _Named(f"picture.{encoder.extension}")
    frames[0].save(file, **options)
    return file.getvalue()


def _metadata(clip: Clip, name: str) -> dict[str, Any]:
    kept: dict[str, Any] = dict(clip.metadata)
    if clip.profile:
        kept["icc_profile"] = clip.profile
    if name == "png" and "xmp" in kept:
        from handler.image.metadata.xmp import pnginfo

        kept["pnginfo"] = pnginfo(kept.pop("xmp"))
    return kept


def _timing(clip: Clip, name: str) -> dict[str, Any]:
    if name == "gif":
        return gif.timing(clip)
    exact = list(clip.milliseconds)
    return {"duration": list(map(round, exact)) if name == "webp" else exact, "loop": clip.plays}
