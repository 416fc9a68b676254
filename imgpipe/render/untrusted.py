"""Names, keys and messages that may be hostile: shown as they are, obeyed never."""

from __future__ import annotations

import os
from pathlib import Path


def printable(text: str) -> str:
    """Return ``text`` on one line, control and direction characters as escapes.

    Sent to a terminal as they are, they would move its cursor or turn the line around.
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def path_text(path: Path) -> str:
    """Return a path as text that any stream can take: bytes that are no UTF-8 become escapes."""
    return os.fsencode(path).decode(errors="backslashreplace")
