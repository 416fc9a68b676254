"""Encoding: finished frames in, the bytes of a file that browsers show out."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from handler.image import gif

if TYPE_CHECKING:
    from collections.abc import Callable

    from handler.image.picture import Clip

EXTENSIONS: Final = {"jpeg": "jpg", "png": "png", "gif": "gif", "webp": "webp", "avif": "avif"}
ANIMATED: Final = ("gif", "png", "webp")
QUALITY: Final = {"jpeg": 80, "webp": 80, "avif": 60}
"""Where each format's artefacts stop being seen at arm's length; their scales are not each other's."""

_LOWEST: Final = 10
"""The quality below which a smaller file is not worth looking at."""

_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "jpeg": {"subsampling": "4:2:0"},
    # zlib's run-length strategy: on filtered photographs a quarter of the time for about the same size.
    "png": {"compress_level": 1, "compress_type": 3},
    "gif": {},
    # Method 2 takes half the time of the default, 4, for 4 % more bytes.
    "webp": {"method": 2},
    # More threads give other bytes on other machines.
    "avif": {"speed": 8, "max_threads": 1},
}


class _Named(BytesIO):
    """Pillow imports five plugins to save by ``format``, but one to save by a file's name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def animates(wanted: str, source_format: str) -> bool:
    """Say whether a rendition of format ``wanted`` can show more than one frame."""
    return (source_format if wanted == "keep" else wanted) in ANIMATED


def output_format(clip: Clip) -> str:
    """Return the format asked for, or the source's where browsers show it, or else JPEG or PNG by alpha."""
    if clip.rendition.format != "keep":
        return clip.rendition.format
    if clip.source_format in EXTENSIONS:
        return clip.source_format
    return "png" if clip.alpha else "jpeg"


def encoded(clip: Clip, name: str) -> tuple[bytes, str | None]:
    """Return ``clip`` as a file of format ``name``, and a warning if it could not be kept within ``max_bytes``."""
    frames = _suited(clip, name)
    quality, bound = clip.rendition.quality or QUALITY.get(name, 0), clip.rendition.max_bytes
    body = _written(clip, name, frames, quality)
    if bound and len(body) > bound and name in QUALITY:
        body = _smaller(lambda lower: _written(clip, name, frames, lower), bound, quality)
    over = bound and len(body) > bound
    return body, f"{len(body)} bytes; {name} cannot be brought under {bound}" if over else None


def _smaller(write: Callable[[int], bytes], bound: int, quality: int) -> bytes:
    """Bisect for the best quality under ``bound``: at most seven tries; the lowest quality's bytes where none is."""
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
    options = (
        _OPTIONS[name] | _metadata(clip, name) | ({"quality": quality} if name in QUALITY else {})
    )
    if len(frames) > 1:
        options |= _timing(clip, name) | {"save_all": True, "append_images": frames[1:]}
    file = _Named(f"picture.{EXTENSIONS[name]}")
    frames[0].save(file, **options)
    return file.getvalue()


def _metadata(clip: Clip, name: str) -> dict[str, Any]:
    kept: dict[str, Any] = dict(clip.metadata)
    if name == "png" and "xmp" in kept:
        from handler.image.metadata.xmp import pnginfo

        kept["pnginfo"] = pnginfo(kept.pop("xmp"))
    return kept


def _timing(clip: Clip, name: str) -> dict[str, Any]:
    if name == "gif":
        return gif.timing(clip)
    durations = (
        [round(each) for each in clip.milliseconds] if name == "webp" else list(clip.milliseconds)
    )
    return {"duration": durations, "loop": clip.plays}
