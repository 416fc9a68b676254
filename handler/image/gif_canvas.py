"""GIF as Pillow opens it, its frames put on their canvas as browsers do.

Seen in Pillow 13.0.0: what no frame covers takes the colour that the file calls its background, as
does what a frame leaves behind, where browsers show what is behind the picture; a frame beyond the
canvas enlarges it, where they cut the frame; and a frame that says nothing of its disposal takes
that of the one before.
"""

from __future__ import annotations

from io import BytesIO
from math import prod
from typing import Any, Final

from PIL import _imaging as core
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile

_CLEAR, _RESTORE = 2, 3
_NOTHING: Final = (0, 0, 0, 0)
# Of its canvas, how large a frame may make what it is unpacked on.
_MOST_ROOM: Final = 4
# What Pillow's own C makes, without types.
_Pixels = Any


class Gif(GifImageFile):
    """A GIF whose frames are drawn on what is behind the picture."""

    # The picture before the frame that is asked for; None is nothing.
    _ground: _Pixels = None
    # What the frame is unpacked on, which it may enlarge, and what is shown of that.
    _room = _canvas = (0, 0)

    def _seek(self, frame: int, update_image: bool = True) -> None:  # noqa: FBT001, FBT002 - theirs
        """Go to a frame as Pillow does, but dispose of the one before as it says itself."""
        if frame and self.tile and update_image:
            self.load()
        if update_image:
            self._ground = self._left_behind() if frame else None
        self.disposal_method = 0
        canvas = self._size
        super()._seek(frame, update_image)
        self.dispose = None
        self._room = self._size
        if frame and prod(self._room) <= _MOST_ROOM * prod(canvas):
            self._size = canvas
            self.dispose_extent = self._within(canvas)

    def _within(self, canvas: tuple[int, int]) -> tuple[int, int, int, int] | None:
        """Return what a frame covers of the canvas."""
        if self.dispose_extent is None:
            return None
        left, top, right, bottom = self.dispose_extent
        width, height = canvas
        return min(left, width), min(top, height), min(right, width), min(bottom, height)

    def _left_behind(self) -> _Pixels:
        """Return what the frame that is shown leaves for the next."""
        if self.disposal_method == _RESTORE:
            return self._ground
        if self.disposal_method != _CLEAR or self.dispose_extent is None:
            return self.im
        cleared = self.im.convert("RGBA")
        left, top, right, bottom = self.dispose_extent
        hole = core.fill("RGBA", (right - left, bottom - top), _NOTHING)
        cleared.paste(hole, self.dispose_extent)
        return cleared

    def load_prepare(self) -> None:
        """Make room for the frame's own numbers."""
        if self._alone():
            super().load_prepare()
            return
        palette = self._frame_palette
        self._canvas, self._size = self._size, self._room
        self._mode = "P" if palette else "L"
        self.im = core.fill(self._mode, self.size, 0)
        if palette:
            self.im.putpalette("RGB", *palette.getdata())
        ImageFile.load_prepare(self)

    def load_end(self) -> None:
        """Draw the frame on its ground."""
        if self._alone():
            super().load_end()
            return
        self._size = self._canvas
        place = self.dispose_extent or (0, 0, *self.size)
        self.im = self._crop(self.im, place)
        frame = self._coloured()
        ground = self._ground
        self.im = ground.copy() if ground else core.fill("RGBA", self.size, _NOTHING)
        self._mode = self.im.mode
        self.im.paste(frame, place, *((frame,) if frame.mode == "RGBA" else ()))

    def _coloured(self) -> _Pixels:
        if self._frame_transparency is None:
            return self.im.convert("RGB")
        if self.mode == "L":
            return self.im.convert_transparent("LA", self._frame_transparency).convert("RGBA")
        self.im.putpalettealpha(self._frame_transparency, 0)
        return self.im.convert("RGBA")

    def _alone(self) -> bool:
        """Say whether this is a still that covers its canvas: Pillow keeps its palette."""
        return not self.is_animated and self.dispose_extent == (0, 0, *self.size)


def opened(stream: BytesIO) -> Gif:
    """Open a GIF without decoding it; raises what Pillow's own opener raises."""
    return Gif(stream)
