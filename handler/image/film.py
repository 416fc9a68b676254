"""An animation's frames as one picture that Pillow's encoders wind through.

Handed over as a list they would all be held; of this one, whose frames are fetched when they are
sought, an encoder holds what it needs itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from handler.image.picture import Moving


class Film(Image.Image):
    """``count`` frames that ``wound`` yields from the first, whenever it is called."""

    is_animated = True

    def __init__(self, wound: Callable[[], Iterator[Image.Image]], count: int) -> None:
        super().__init__()
        self.n_frames = count
        self._wound = wound
        self._rewind()

    def _rewind(self) -> None:
        self._reel, self._at = self._wound(), -1
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Show a frame; raises ``EOFError`` behind the last, as every picture of Pillow's does."""
        if frame >= self.n_frames:
            raise EOFError
        if frame < self._at:
            self._rewind()
        while self._at < frame:
            self._at += 1
            shown = next(self._reel)
            self.im, self._mode, self._size = shown.im, shown.mode, shown.size

    def tell(self) -> int:
        """Return the number of the frame that is shown."""
        return self._at


def timing(moving: Moving, name: str) -> dict[str, Any]:
    """Return what Pillow's encoder of the format ``name`` is told of how long frames show."""
    exact = list(moving.milliseconds)
    whole = name in ("webp", "avif")
    return {"duration": list(map(round, exact)) if whole else exact, "loop": moving.plays}
