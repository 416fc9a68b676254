"""Encoding: finished frames in, the bytes of a file that browsers show out."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from handler.formats import ENCODERS, FORMATS
from handler.image.search import best_under

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from handler.formats import Format
    from handler.image.jpegli import Coder
    from handler.image.picture import Clip, Moving

# The quality below which a smaller file is not worth looking at.
_LOWEST: Final = 10
# By format, what looks the same in fewer bytes, at a price in time that is worth paying where it is
# asked for (docs/decisions/0012-quality-by-likeness.md).
_DENSER: Final[Mapping[str, Mapping[str, Any]]] = {
    "jpeg": {"progressive": True, "optimize": True},
    "webp": {"method": 6},
    "avif": {"quality": 59, "speed": 6},
}
# Behind a layer of one's own, and in previews without the extra.
_LARGER: Final = (
    "written by Pillow, larger than by jpegli, which the layer that setup builds holds and "
    "pip install 'imgpipe[auto]' brings"
)


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


def encoded(clip: Clip, output: Format) -> tuple[bytes, tuple[str, ...]]:
    """Return ``clip`` as a file of format ``output``; a warning if it is over ``max_bytes``.

    And one if it is larger than it had to be, for want of a library.
    """
    moving = clip.moving
    body = _moving(clip, moving, output.name) if moving else _still(clip, output.name)
    if clip.own and len(clip.own) <= len(body):
        body = clip.own
    bound = clip.rendition.max_bytes
    warnings = []
    if bound and len(body) > bound:
        warnings.append(f"{len(body)} bytes; {output.name} cannot be brought under {bound}")
    if clip.rendition.quality == "auto" and output.name == "jpeg" and not _coder():
        warnings.append(_LARGER)
    return body, tuple(warnings)


def _moving(clip: Clip, moving: Moving, name: str) -> bytes:
    if name == "gif":
        from handler.image import gif

        return gif.moving(clip.image.size, moving)
    from handler.image import film

    write = partial(
        _saved, clip, name, _film(clip, moving, name), save_all=True, **film.timing(moving, name)
    )
    if not ENCODERS[name].quality:
        return write()
    quality = _quality(clip, name)
    return _bounded(clip, write(quality=quality), write, quality)


def _film(clip: Clip, moving: Moving, name: str) -> Image.Image:
    """Return the frames, in one mode that the format can write."""
    from handler.image.film import Film

    mode = "RGBA" if clip.alpha else "RGB"
    if name == "png" and moving.grey and clip.image.mode in ("L", "LA"):
        mode = mode.replace("RGB", "L")
    frames = moving.through(partial(_in_mode, mode=mode)).frames
    return Film(frames, len(moving.milliseconds))


def _still(clip: Clip, name: str) -> bytes:
    image = _suited(clip, name)
    write = partial(_saved, clip, name, image)
    if not ENCODERS[name].quality:
        return _lossless(clip, name, image)
    quality = _quality(clip, name)
    if clip.rendition.quality == "auto":
        return _alike(clip, name, image, quality)
    body = _bounded(clip, write(quality=quality), write, quality)
    fair = clip.fair_bytes(name)
    # What is the source's own is as good as it gets.
    if clip.rendition.quality or not fair or len(body) <= fair or 0 < len(clip.own) <= fair:
        return body
    from handler.image import lean

    exact = lean.exact(write) if clip.source_exact else body
    if len(exact) <= fair:
        return exact
    return min(exact, lean.lossy(body, write, fair, quality), key=len)


def _alike(clip: Clip, name: str, image: Image.Image, quality: int) -> bytes:
    """Return the file that looks as the default does, in fewer bytes."""
    if name == "jpeg" and (coder := _coder()):
        save, complete = partial(_bare, clip, name, image), partial(_joined, clip)
        jpeg = coder(image, save, complete, quality)
        return _bounded(clip, jpeg.alike(), jpeg.written, quality)
    write = partial(_saved, clip, name, image, **{"quality": quality, **_DENSER[name]})
    return _bounded(clip, write(), write, quality)


def _coder() -> type[Coder] | None:
    """Return what writes JPEG best, ``None`` where it is not installed."""
    try:
        from handler.image.jpegli import Coder
    except ImportError:
        return None
    return Coder


def _quality(clip: Clip, name: str) -> int:
    """Return the quality asked for, or the format's own."""
    wanted = clip.rendition.quality
    return wanted if isinstance(wanted, int) and wanted else ENCODERS[name].quality


def _bounded(clip: Clip, body: bytes, write: Callable[..., bytes], quality: int) -> bytes:
    """Return ``body``, or where it is over ``max_bytes`` a file of less than ``quality``."""
    most = clip.rendition.max_bytes
    if not most or len(body) <= most:
        return body
    return best_under(lambda tried: write(quality=tried), most, min(_LOWEST, quality), quality)


def _lossless(clip: Clip, name: str, image: Image.Image) -> bytes:
    write, bound = partial(_saved, clip, name), clip.fair_bytes(name)
    if name != "png":
        return write(image)
    from handler.image import lean

    return lean.png(image, write, bound, of_few=clip.source_of_few)


def _suited(clip: Clip, name: str) -> Image.Image:
    """Return the picture in a mode that the format can write."""
    image = clip.image
    if name == "gif":
        from handler.image import gif

        return gif.paletted(image)
    if name == "jpeg":
        return _flattened(image, clip.rendition.background)
    if name == "png" and image.mode in ("L", "LA"):
        return image
    return _in_mode(image, "RGBA" if clip.alpha else "RGB")


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    return image if image.mode == mode else image.convert(mode)


def _flattened(image: Image.Image, background: str) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image
    canvas = Image.new("RGB", image.size, background)
    rgba = image.convert("RGBA")
    canvas.paste(rgba, mask=rgba)
    return canvas


def _saved(clip: Clip, name: str, image: Image.Image, **options: Any) -> bytes:
    return _joined(clip, _bare(clip, name, image, **options))


def _bare(clip: Clip, name: str, image: Image.Image, **options: Any) -> bytes:
    encoder = ENCODERS[name]
    file = _Named(f"picture.{encoder.extension}")
    image.save(file, **{**encoder.options, **_metadata(clip, name), **options})
    return file.getvalue()


def _joined(clip: Clip, body: bytes) -> bytes:
    if not clip.gain_map:
        return body
    from handler.image.gainmap.join import joined

    return joined(body, clip.gain_map)


def _metadata(clip: Clip, name: str) -> dict[str, Any]:
    kept: dict[str, Any] = dict(clip.metadata)
    if clip.profile:
        kept["icc_profile"] = clip.profile
    if name == "png" and "xmp" in kept:
        from handler.image.metadata.xmp import pnginfo

        kept["pnginfo"] = pnginfo(kept.pop("xmp"))
    return kept
