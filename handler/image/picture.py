"""The values the picture core speaks in: its means, its work, its results and its refusals."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Final, NamedTuple, TypeVar

from PIL.Image import Image

from handler.formats import Format
from handler.recipe import Rendition

E = TypeVar("E", bound=Exception)


# So begins the warning of a picture that should bear a mark and does not.
NOT_DRAWN: Final = "watermark not drawn"


class Rejected(Exception):
    """The source can never work: not an image, damaged, or over a limit.

    The message is the reason, for people.
    """


class Damaged(Rejected):
    """The source is of a known format, but its bytes are not whole."""


def bare(error: E) -> E:
    """Return a new error of the kind and words of ``error``, whose frames are let go.

    An exception holds the frames that it passed, and those the pixels: another attempt, or the
    next picture in this process, would find their memory taken. Clearing the frames costs nothing;
    looking for them with ``gc.collect`` takes as long as the process is large.
    """
    held: BaseException | None = error
    while held is not None:
        traceback.clear_frames(held.__traceback__)
        held = held.__context__
    return type(error)(*error.args)


class Budget(NamedTuple):
    """What the process may use: ``memory`` in bytes and ``seconds``; ``None`` = not bounded."""

    memory: int | None = None
    seconds: float | None = None


# Where nobody counts: a preview on one's own machine.
UNBOUNDED: Final = Budget()


class Moving(NamedTuple):
    """The frames of an animation, all of one size; so many that one is held at a time.

    ``frames`` decodes them anew whenever it is called. ``samples`` are the first, and of a GIF some
    more to its end, ``milliseconds`` tells how long each frame lasts, ``plays`` how often they are
    played (0 = for ever), ``alpha`` whether any lets something shine through, ``grey`` whether none
    has colours.
    """

    frames: Callable[[], Iterator[Image]]
    samples: Sequence[Image]
    milliseconds: Sequence[float]
    plays: int
    alpha: bool
    grey: bool

    def through(self, change: Callable[[Image], Image]) -> Moving:
        """Return the same animation with every frame changed."""
        return self._replace(
            frames=lambda: map(change, self.frames()), samples=list(map(change, self.samples))
        )


class Clip(NamedTuple):
    """What becomes one ``Picture``, not yet marked: ``image``, which is the first if it moves.

    ``corner`` is where its top left corner lies in the whole source, scaled by as much.
    ``metadata`` is what ``metadata.keep`` returned, ``profile`` says what the picture's
    numbers and the rendition's colours mean; none: sRGB. ``source_bytes`` and ``source_size``
    tell how large the upright source was, ``source_of_few`` whether a PNG had as few colours as a
    palette holds, ``source_exact`` whether it was a WebP without loss. ``own`` is its own picture,
    stripped to what was kept; none where the result is another one. ``gain_map`` is a JPEG to
    stand behind the picture's.
    """

    rendition: Rendition
    source_format: Format
    image: Image
    corner: tuple[int, int]
    moving: Moving | None
    metadata: Mapping[str, bytes]
    warnings: tuple[str, ...]
    source_bytes: int
    source_size: tuple[int, int]
    source_of_few: bool
    source_exact: bool
    profile: bytes = b""
    own: bytes = b""
    gain_map: bytes = b""

    def fair_bytes(self, name: str) -> int:
        """Return what a result in format ``name`` should not pass; 0 where that cannot be said.

        Its source's bytes, where that has the same format and no fewer pixels.
        """
        pixels = prod(self.image.size)
        fair = name == self.source_format.name and pixels <= prod(self.source_size)
        return self.source_bytes if fair else 0

    @property
    def alpha(self) -> bool:
        """Whether the picture, or any frame of it, lets something shine through."""
        return self.moving.alpha if self.moving else self.image.mode in ("LA", "RGBA")


class Picture(NamedTuple):
    """One finished rendition: its bytes, what they are, and what could not be done as asked.

    ``extension`` has no dot. ``changed_format`` says that ``extension`` has to be appended to the
    source's name, because the bytes are no longer in the source's format. ``thumbhash`` (in Base64)
    and ``colour`` (``#rrggbb``) stand in its place until it is there. ``page`` is that of a TIFF.
    """

    rendition: Rendition
    body: bytes
    content_type: str
    extension: str
    width: int
    height: int
    frames: int
    changed_format: bool
    warnings: tuple[str, ...]
    thumbhash: str
    colour: str
    page: int = 1

    @property
    def name(self) -> str:
        """What its key and row call it: its rendition, and its page where that is not the first.

        No rendition's name has a hyphen, so that no two pictures of a source share one.
        """
        page = f"page-{self.page}" if self.page > 1 else ""
        return "-".join(filter(None, (self.rendition.name, page)))
