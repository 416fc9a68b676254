"""Names, keys and messages that may be hostile: shown as they are, obeyed never."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Final

# A spreadsheet takes a cell that begins so for a formula; the wide ones in some of its languages:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_FIRST_BEYOND_ASCII: Final = 0x80


def printable(text: str) -> str:
    """Return ``text`` on one line, control and direction characters as escapes.

    Sent to a terminal as they are, they would move its cursor or turn the line around.
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def printable_json(text: str) -> str:
    """Return JSON that means the same, and whose strings steer neither terminal nor line reader.

    JSON itself escapes only ASCII's control characters: not C1's, which terminals obey too, nor
    U+2028, at which some readers of a line an envelope would end it.
    """
    return "\n".join(
        line
        if line.isprintable()
        else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)
        for line in text.split("\n")
    )


def spreadsheet_cell(value: object) -> object:
    """Return ``value`` so that a spreadsheet runs no formula: with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def shell_words(command: str) -> str:
    """Return ``command``, quoted for a shell, on one line that steers no terminal.

    What would is written as bash and zsh read it, between ``$'`` and ``'``.
    """
    if command.isprintable():
        return command
    return " ".join(map(_shell_word, shlex.split(command)))


def _shell_word(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    return f"$'{''.join(map(_shell_character, word))}'"


def _shell_character(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < _FIRST_BEYOND_ASCII else f"\\U{code:08x}"


def path_text(path: Path) -> str:
    """Return a path as text that any stream can take: bytes that are no UTF-8 become escapes."""
    return os.fsencode(path).decode(errors="backslashreplace")
