"""Pictures in a terminal: drawn the way it has, without a question to it."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import sys
import termios
from typing import IO, TYPE_CHECKING, Final

import pytest
from PIL import Image
from rich.console import Console

from imgpipe.render._canvas import Canvas, Size, Way, way

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

KITTY: Final = {"TERM": "xterm-kitty"}
SIXEL: Final = {"TERM": "foot"}
BLOCKS: Final = {"TERM": "xterm-256color"}
# What a terminal is asked by the library itself: its attributes, a cell's size, kitty's graphics.
QUESTIONS: Final = ("\x1b[c", "\x1b[16t", "a=q")


class Terminal(io.StringIO):
    """What is written to a terminal; whoever asks whether it is one, or reads, has asked it."""

    def isatty(self) -> bool:
        raise AssertionError("asked")

    def fileno(self) -> int:
        raise OSError("no descriptor")


@pytest.fixture(params=[KITTY, SIXEL, BLOCKS], ids=["kitty", "sixel", "blocks"])
def environ(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One kind of terminal around the tests, and the library not imported yet."""
    for name in ("TMUX", "TERM_PROGRAM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_CELL_WIDTH", "1000000")
    found: dict[str, str] = request.param
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    for name in [each for each in sys.modules if each.startswith("textual_image")]:
        monkeypatch.delitem(sys.modules, name)
    return found


def console(file: IO[str], width: int = 80, height: int = 40) -> Console:
    """A terminal with colours."""
    return Console(
        file=file, force_terminal=True, color_system="truecolor", width=width, height=height
    )


def png(pixels: Size) -> bytes:
    """A red picture."""
    stream = io.BytesIO()
    Image.new("RGB", pixels, "red").save(stream, "PNG")
    return stream.getvalue()


def drawn(pixels: Size, **sides: int) -> str:
    """All that is written where a picture of so many pixels is drawn."""
    terminal = Terminal()
    canvas = Canvas.of(console(terminal, **sides))
    assert canvas is not None
    canvas.draw(png(pixels), pixels)
    return terminal.getvalue()


def test_it_is_drawn_as_the_terminal_has_it_and_nothing_is_asked(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by us nor by the library, whose questions take keys that were typed ahead."""
    monkeypatch.setattr(sys, "__stdout__", Terminal())
    monkeypatch.setattr(sys, "__stdin__", None)
    text = drawn(Size(300, 200))
    begins = {"xterm-kitty": "\x1b_G", "foot": "\x1bP", "xterm-256color": "▀"}
    marks = [mark for mark in begins.values() if mark in text]
    assert marks == [begins[environ["TERM"]]]
    assert not any(question in text for question in QUESTIONS)
    assert isinstance(sys.__stdout__, Terminal)


@pytest.mark.parametrize(
    ("pixels", "cells"),
    [
        (Size(100, 100), (10, 5)),
        (Size(2000, 1000), (80, 20)),
        (Size(500, 8000), (4, 30)),
        (Size(1, 4000), (1, 30)),
        (Size(4000, 1), (80, 1)),
    ],
)
def test_it_is_no_larger_than_it_is_nor_than_the_terminal(
    pixels: Size, cells: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its proportion, and what stands above it is still seen."""
    monkeypatch.setattr("imgpipe.render._canvas.way", lambda _: Way.HALF_BLOCKS)
    lines = drawn(pixels).splitlines()
    assert (lines[0].count("▀"), len(lines)) == cells


@pytest.mark.parametrize("width", [1, 2, 80, 1000])
def test_any_terminal_will_do(environ: dict[str, str], width: int) -> None:
    """Of one column, or wider than kitty can number."""
    assert drawn(Size(4000, 300), width=width, height=1000)


@pytest.fixture
def terminal() -> Iterator[IO[str]]:
    """A real terminal."""
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as stream:
        yield stream
    os.close(leader)


@pytest.mark.parametrize(
    ("told", "cell"),
    [
        ((40, 80, 80 * 9, 40 * 18), (9, 18)),
        ((40, 80, 0, 0), (10, 20)),
        ((0, 0, 65535, 65535), (10, 20)),
        ((1, 1, 65535, 65535), (10, 20)),
    ],
)
def test_nonsense_about_a_cell_is_not_believed(
    terminal: IO[str], told: tuple[int, ...], cell: tuple[int, int]
) -> None:
    """A picture would be scaled to billions of pixels."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *told))
    canvas = Canvas.of(console(terminal))
    assert canvas is not None
    assert canvas.pixels == (80 * cell[0], 30 * cell[1])


def test_without_a_terminal_or_colours_nothing_is_drawn() -> None:
    """Half-blocks without colours are a wall."""
    assert Canvas.of(Console(file=io.StringIO())) is None
    assert Canvas.of(Console(file=io.StringIO(), force_terminal=True, color_system=None)) is None


@pytest.mark.parametrize(
    ("environ", "how"),
    [
        ({}, Way.HALF_BLOCKS),
        ({"KITTY_WINDOW_ID": "1"}, Way.KITTY),
        ({"TERM": "xterm-ghostty"}, Way.KITTY),
        ({"KITTY_WINDOW_ID": "1", "TMUX": "/tmp/x"}, Way.HALF_BLOCKS),
        ({"TERM_PROGRAM": "iTerm.app"}, Way.SIXEL),
        ({"TERM_PROGRAM": "WezTerm"}, Way.SIXEL),
        ({"TERM_PROGRAM": "iTerm.app", "TERM": "screen-256color"}, Way.HALF_BLOCKS),
        ({"KONSOLE_VERSION": "240805"}, Way.SIXEL),
        ({"KONSOLE_VERSION": "200401"}, Way.HALF_BLOCKS),
        ({"KONSOLE_VERSION": "²"}, Way.HALF_BLOCKS),
        ({"TERM_PROGRAM": "Apple_Terminal"}, Way.HALF_BLOCKS),
    ],
)
def test_a_terminal_tells_how_it_shows_pictures(environ: dict[str, str], how: Way) -> None:
    """By a variable of its own; within another, half-blocks get through."""
    assert way(environ) is how
