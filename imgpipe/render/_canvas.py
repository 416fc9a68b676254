"""A picture in a terminal: kitty's graphics or sixel where the terminal has them, or half-blocks.

The library would ask the terminal what it can, while it is imported and while it draws, and takes
whatever comes for the answer: a key that was typed ahead, or anything a hostile terminal says.
So it is shown no terminal at all. Which way to draw is read from the environment, in which those
that can more name themselves, and a cell's size from the kernel.
"""

from __future__ import annotations

import fcntl
import io
import os
import struct
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from rich.segment import Segments

if TYPE_CHECKING:
    from rich.console import Console

_REAL_STDOUT: Final = "__stdout__"
# What a VT340 had, whose cells are about as tall to their width as everybody's.
_USUAL: Final = (10, 20)
_SANE: Final = range(2, 100)
# The rows of the terminal that a picture may take, so that what stands above it is seen, too.
_SHARE: Final = 0.75
# kitty numbers rows and columns by 297 diacritics.
_MOST_CELLS: Final = 200
_CELL_WIDTH, _CELL_HEIGHT = "TEXTUAL_CELL_WIDTH", "TEXTUAL_CELL_HEIGHT"


class Way(StrEnum):
    """How a picture is drawn: the module of the library that does."""

    KITTY = "tgp"
    SIXEL = "sixel"
    HALF_BLOCKS = "halfcell"


# https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
_KITTY: Final = frozenset({"xterm-kitty", "xterm-ghostty", "ghostty"})
# https://www.arewesixelyet.com
_SIXEL: Final = frozenset({"iTerm.app", "WezTerm", "foot", "foot-extra", "mlterm", "contour"})
_KONSOLE_WITH_SIXEL: Final = 220400


class Size(NamedTuple):
    """A size in cells, or in pixels."""

    width: int
    height: int


def way(environ: Mapping[str, str]) -> Way:
    """Return how the terminal that ``environ`` tells of shows pictures.

    Within tmux and screen it tells of the one around them, which gets nothing through.
    """
    terminal, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    if environ.get("TMUX") or terminal.startswith(("screen", "tmux")):
        return Way.HALF_BLOCKS
    if {terminal, program} & _KITTY or environ.get("KITTY_WINDOW_ID"):
        return Way.KITTY
    konsole = environ.get("KONSOLE_VERSION", "")
    modern = konsole.isdecimal() and int(konsole) >= _KONSOLE_WITH_SIXEL
    return Way.SIXEL if modern or {terminal, program} & _SIXEL else Way.HALF_BLOCKS


class Canvas:
    """The terminal in front of ``console``, to draw pictures on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._cell = _cell(console.file)

    @classmethod
    def of(cls, console: Console) -> Canvas | None:
        """Return the canvas in front of ``console``; ``None`` for a pipe, or without colours."""
        seen = console.is_terminal and not console.is_dumb_terminal and console.color_system
        return cls(console) if seen else None

    @property
    def pixels(self) -> Size:
        """The sides beyond which nothing more of a picture would be seen."""
        room = self._room
        return Size(room.width * self._cell.width, room.height * self._cell.height)

    def draw(self, png: bytes, pixels: Size) -> None:
        """Draw the picture ``png``, of so many ``pixels``, no larger than it is."""
        cells = _cells(pixels, self._room, self._cell)
        with _unseen(self._cell) as said:
            image = _library(way(os.environ))(io.BytesIO(png), *cells)
            segments = list(self._console.render(image))
        self._console.file.write(said.getvalue())
        self._console.print(Segments(segments), end="", crop=False)

    @property
    def _room(self) -> Size:
        height = int(self._console.height * _SHARE)
        return Size(min(self._console.width, _MOST_CELLS), max(1, min(height, _MOST_CELLS)))


def _library(how: Way) -> Any:
    return import_module(f"textual_image.renderable.{how}").Image


def _cells(pixels: Size, room: Size, cell: Size) -> Size:
    """Return the cells that ``pixels`` take within ``room``, the sides in their proportion."""
    width, height = pixels.width / cell.width, pixels.height / cell.height
    scale = min(1.0, room.width / width, room.height / height)
    return Size(max(1, round(width * scale)), max(1, round(height * scale)))


def _cell(stream: IO[str]) -> Size:
    """Return the pixels of a cell, as the kernel was told; the usual where it was told nonsense."""
    try:
        told = fcntl.ioctl(stream.fileno(), termios.TIOCGWINSZ, bytes(8))
        rows, columns, width, height = struct.unpack("HHHH", told)
        found = Size(width // columns, height // rows)
    except (OSError, ZeroDivisionError):
        return Size(*_USUAL)
    return found if found.width in _SANE and found.height in _SANE else Size(*_USUAL)


@contextmanager
def _unseen(cell: Size) -> Iterator[io.StringIO]:
    """Let the library see no terminal; yield what it would have sent there."""
    real, said = sys.__stdout__, io.StringIO()
    os.environ |= {_CELL_WIDTH: str(cell.width), _CELL_HEIGHT: str(cell.height)}
    setattr(sys, _REAL_STDOUT, said)
    try:
        yield said
    finally:
        setattr(sys, _REAL_STDOUT, real)
