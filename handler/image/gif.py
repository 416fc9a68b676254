"""What only GIF needs: a palette for each frame, and its own way of counting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from PIL import Image

    from handler.image.picture import Clip

_CLEAR: Final = 255
_HALF: Final = 128
_REPLACE, _RESTORE = 1, 2


def paletted(image: Image.Image) -> Image.Image:
    """Return ``image`` in 256 colours of its own.

    If it has alpha, one of them is transparent, where alpha is under a half.
    """
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB").quantize(256)
    few = image.convert("RGB").quantize(_CLEAR)
    hidden = image.getchannel("A").point([255 if level < _HALF else 0 for level in range(256)])
    few.paste(_CLEAR, mask=hidden)
    few.info["transparency"] = _CLEAR
    return few


def timing(clip: Clip) -> dict[str, Any]:
    """Return the clip's times as arguments of Pillow's ``save``.

    GIF counts repetitions, and what shines through needs a clean ground.
    """
    options = {
        "duration": list(clip.milliseconds),
        "disposal": _RESTORE if clip.alpha else _REPLACE,
    }
    return options if clip.plays == 1 else options | {"loop": max(0, clip.plays - 1)}
