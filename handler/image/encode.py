"""Encoding: finished frames in, the bytes of a file that browsers show out."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from handler.formats import ENCODERS, FORMATS
from handler.image.search import best_under

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
    body = _body(clip, output.name, _suited(clip, output.name))
    if clip.own and len(clip.own) <= len(body):
        body = clip.own
    bound = clip.rendition.max_bytes
    over = bound and len(body) > bound
    return (
        body,
        f"{len(body)} bytes; {output.name} cannot be brought under {bound}" if over else None,
    )


def _body(clip: Clip, name: str, frames: list[Image.Image]) -> bytes:
    write = partial(_written, clip, name, frames)
    if not ENCODERS[name].quality:
        return _lossless(clip, name, frames, write)
    wanted, highest = clip.rendition.quality, ENCODERS[name].quality
    if wanted == "auto" and len(frames) == 1:
        from handler.image import likeness

        write = partial(write, **likeness.DENSER.get(name, {}))
        body = likeness.alike_enough(frames[0], lambda tried: write(quality=tried), highest)
        return _bounded(clip, body, write, highest)
    quality = wanted if isinstance(wanted, int) and wanted else highest
    body = _bounded(clip, write(quality=quality), write, quality)
    fair = clip.fair_bytes(name)
    if clip.rendition.quality or len(frames) > 1 or not fair or len(body) <= fair:
        return body
    from handler.image import lean

    return lean.lossy(name, body, write, fair, quality)


def _bounded(clip: Clip, body: bytes, write: Callable[..., bytes], quality: int) -> bytes:
    """Return ``body``, or where it is over ``max_bytes`` a file of less than ``quality``."""
    most = clip.rendition.max_bytes
    if not most or len(body) <= most:
        return body
    return best_under(lambda tried: write(quality=tried), most, min(_LOWEST, quality), quality)


def _lossless(
    clip: Clip, name: str, frames: list[Image.Image], write: Callable[..., bytes]
) -> bytes:
    if name == "gif" and len(clip.frames) > 1:
        from handler.image import gif

        return gif.moving(clip)
    if name != "png" or len(frames) > 1:
        return write()
    from handler.image import lean

    write, bound = partial(_saved, clip, name), clip.fair_bytes(name)
    return lean.png(frames[0], write, bound, of_few=clip.source_of_few)


def _suited(clip: Clip, name: str) -> list[Image.Image]:
    """Return the frames in one mode that the format can write."""
    if name == "gif":
        from handler.image import gif

        return [gif.paletted(frame) for frame in clip.frames[:1]]
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


def _written(clip: Clip, name: str, frames: list[Image.Image], **options: Any) -> bytes:
    if len(frames) > 1:
        options |= _timing(clip, name) | {"save_all": True, "append_images": frames[1:]}
    return _saved(clip, name, frames[0], **options)


def _saved(clip: Clip, name: str, image: Image.Image, **options: Any) -> bytes:
    encoder = ENCODERS[name]
    file = _Named(f"picture.{encoder.extension}")
    image.save(file, **{**encoder.options, **_metadata(clip, name), **options})
    if not clip.gain_map:
        return file.getvalue()
    from handler.image.gainmap.join import joined

    return joined(file.getvalue(), clip.gain_map)


def _metadata(clip: Clip, name: str) -> dict[str, Any]:
    kept: dict[str, Any] = dict(clip.metadata)
    if clip.profile:
        kept["icc_profile"] = clip.profile
    if name == "png" and "xmp" in kept:
        from handler.image.metadata.xmp import pnginfo

        kept["pnginfo"] = pnginfo(kept.pop("xmp"))
    return kept


def _timing(clip: Clip, name: str) -> dict[str, Any]:
    exact = list(clip.milliseconds)
    whole = name in ("webp", "avif")
    return {"duration": list(map(round, exact)) if whole else exact, "loop": clip.plays}
