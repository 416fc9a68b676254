"""What lines are written on: how wide it is, and whether it knows links."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

UNBOUNDED: Final = 1_000_000
"""The width of a pipe: a table cut there would lose data, so it is as wide as it needs to be."""

# Terminals that follow OSC 8 tell themselves by one of these; others would show the text alone.
# https://github.com/Alhadis/OSC8-Adoption
_LINKING_PROGRAMS: Final = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"})
_LINKING_VARIABLES: Final = (
    "VTE_VERSION",
    "KITTY_WINDOW_ID",
    "KONSOLE_VERSION",
    "WT_SESSION",
    "ALACRITTY_WINDOW_ID",
)


@dataclass(frozen=True)
class Paper:
    """A ``width`` in columns; whether ``links`` can be clicked, and whether ``debug`` is on."""

    width: int = UNBOUNDED
    links: bool = False
    debug: bool = False

    @property
    def bounded(self) -> bool:
        """Whether a terminal ends the lines."""
        return self.width < UNBOUNDED

    @classmethod
    def of(cls, console: Console, *, debug: bool) -> Paper:
        """Return the paper behind ``console``: a terminal's, or a pipe's."""
        if not console.is_terminal:
            return cls(debug=debug)
        return cls(console.width, links_work(os.environ), debug)


def links_work(environ: Mapping[str, str]) -> bool:
    """Say whether the terminal that ``environ`` tells of shows OSC 8 links."""
    known = environ.get("TERM_PROGRAM") in _LINKING_PROGRAMS
    return known or any(environ.get(name) for name in _LINKING_VARIABLES)


def wrapped(text: str | Text, width: int, indent: str = "") -> Iterator[Text]:
    """Yield ``text`` as lines of at most ``width`` columns, broken between words alone.

    A word that is longer, such as an ARN, stays whole; Rich itself would cut or fold it. ``indent``
    begins all lines but the first of each paragraph.
    """
    whole = Text(text) if isinstance(text, str) else text
    for paragraph in whole.split("\n", allow_blank=True):
        first, *others = paragraph.divide(_breaks(paragraph.plain, width, len(indent)))
        for line, before in ((first, ""), *((line, indent) for line in others)):
            line.rstrip()
            yield Text.assemble(before, line) if before else line


def _breaks(line: str, width: int, indent: int) -> Iterator[int]:
    """Yield the offsets of the words that begin a new line."""
    used = 0
    for word in re.finditer(r"\s*\S+\s*", line):
        if used and used + cell_len(word.group().rstrip()) > width:
            yield word.start()
            used = indent
        used += cell_len(word.group())
