"""PNG as Pillow opens it, less what Pillow gets wrong.

Seen in Pillow 13.0.0: the transparent level of a grey picture of 2 or 4 bits is not scaled as its
pixels are, that of one of 16 bits is lost when the picture is brought to 8, and a frame that is
disposed of to the previous one is restored from a picture it was drawn into.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image, PngImagePlugin
from PIL.PngImagePlugin import PngImageFile

# Bytes unpacked: a printer's profile and an editor's history pass Pillow's one MB. All texts of a
# file together may be twice as long as the longest.
_LONGEST_TEXT: Final = 8 << 20
# By what Pillow calls grey pixels of 2 and 4 bits: the level that is white.
_LEVELS: Final = {"L;2": 3, "L;4": 15}

PngImagePlugin.MAX_TEXT_CHUNK = _LONGEST_TEXT
PngImagePlugin.MAX_TEXT_MEMORY = 2 * _LONGEST_TEXT


class Png(PngImageFile):
    """A PNG whose transparent level is in the numbers of its pixels."""

    def _open(self) -> None:
        super()._open()
        self._scale_level()

    def _scale_level(self) -> None:
        levels = _LEVELS.get(str(self.tile[0].args)) if self.tile else None
        level = self.info.get("transparency")
        if levels and isinstance(level, int):
            self.info["transparency"] = level * 255 // levels

    def load_end(self) -> None:
        """Finish a frame as Pillow does, but leave the one before it as it was."""
        previous = self._prev_im if self.is_animated else None
        if previous is not None:
            self._prev_im = previous.copy()
        super().load_end()
        if previous is not None:
            self._prev_im = previous
        elif self.mode == "I;16" and isinstance(self.info.get("transparency"), int):
            self._make_transparent(self.info.pop("transparency"))

    def _make_transparent(self, level: int) -> None:
        """Become grey with alpha, of 8 bits: Pillow has no mode for 16 and alpha."""
        numbers = Image.Image.convert(self, "I")
        grey = numbers.point(lambda value: value * (255 / 65535) + 0.5).convert("L")
        lookup = [255] * 65536
        lookup[level] = 0
        self.im = Image.merge("LA", (grey, numbers.point(lookup, "L"))).im
        self._mode = "LA"


def opened(stream: BytesIO) -> Png:
    """Open a PNG without decoding it; raises what Pillow's own opener raises."""
    return Png(stream)
