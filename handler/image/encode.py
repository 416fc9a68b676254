"""Encoding: finished frames in, the bytes of a file browsers show out."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handler.recipe import Rendition

EXTENSIONS: Final = {"jpeg": "jpg", "png": "png", "gif": "gif", "webp": "webp", "avif": "avif"}
CONTENT_TYPES: Final = {name: f"image/{name}" for name in EXTENSIONS}
ANIMATED: Final = ("gif", "png", "webp")
QUALITY: Final = {"jpeg": 80, "webp": 80, "avif": 60}


@dataclass(frozen=True)
class Clip:
    """Finished frames of one size, what each lasts, and how often they play (0 = for ever); a still is a clip of one frame."""

    frames: Sequence[Image.Image]
    milliseconds: Sequence[float]
    plays: int

    def first(self) -> Clip:
        """Return the clip's first frame alone."""
        return Clip(self.frames[:1], self.milliseconds[:1], self.plays)


class _Named(BytesIO):
    """Pillow imports five plugins to save by ``format``, but one to save by a file's name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def output_format(rendition: Rendition, source_format: str, image: Image.Image) -> str:
    """Return what to write: the format asked for, or the source's where browsers show it, or else JPEG or PNG by alpha."""
    if rendition.format != "keep":
        return rendition.format
    if source_format in EXTENSIONS:
        return source_format
    return "png" if image.mode in ("LA", "RGBA") else "jpeg"


def encoded(clip: Clip, name: str, rendition: Rendition, keep: Mapping[str, Any]) -> bytes:
    """Return ``clip`` as a file of format ``name``; ``keep`` is what ``metadata.keep`` wants written along."""
    quality = rendition.quality or QUALITY.get(name, 0)
    return _written(clip, name, quality, rendition, keep)


def _written(clip: Clip, name: str, quality: int, rendition: Rendition, keep: Mapping[str, Any]) -> bytes:
    file = _Named(f"picture.{EXTENSIONS[name]}")
    frames = [_suited(frame, name, rendition.background) for frame in clip.frames]
    options = {**_OPTIONS[name], **({"quality": quality} if name in QUALITY else {}), **keep}
    if len(frames) > 1:
        options |= _timing(clip, name) | {"save_all": True, "append_images": frames[1:]}
    frames[0].save(file, **options)
    return file.getvalue()


_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "jpeg": {"subsampling": "4:2:0"},
    "png": {"compress_level": 1, "compress_type": 3},
    "gif": {},
    "webp": {"method": 4},
    "avif": {"speed": 8},
}


def _suited(image: Image.Image, name: str, background: str) -> Image.Image:
    if name == "jpeg" and image.mode in ("LA", "RGBA"):
        return flattened(image, background)
    if name in ("webp", "avif") and image.mode in ("L", "LA"):
        return image.convert("RGBA" if image.mode == "LA" else "RGB")
    return image


def flattened(image: Image.Image, background: str) -> Image.Image:
    """Return ``image`` laid on ``background``."""
    canvas = Image.new("RGB", image.size, background)
    rgba = image.convert("RGBA")
    canvas.paste(rgba, mask=rgba)
    return canvas


def _timing(clip: Clip, name: str) -> dict[str, Any]:
    times = list(clip.milliseconds)
    if name == "gif":
        return {"duration": times, "disposal": 2, **({} if clip.plays == 1 else {"loop": max(0, clip.plays - 1)})}
    return {"duration": [round(each) for each in times] if name == "webp" else times, "loop": clip.plays}
