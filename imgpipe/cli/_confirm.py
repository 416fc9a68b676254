"""Asking before something is deleted, or comes out otherwise."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable

import typer

from imgpipe.errors import UsageError


def spelled(command: str, option: str, values: Iterable[str] | None) -> str:
    """Return ``command`` with ``option`` before each of ``values``, as it must be typed again."""
    return shlex.join([command, *(word for value in values or () for word in (option, value))])


def confirmed(question: str, command: str) -> bool:
    """Ask ``question`` on the terminal and return the answer.

    Raises:
        UsageError: there is no terminal; ``command`` is what says yes in advance.
    """
    if not on_terminal():
        name = command.partition(" ")[0]
        raise UsageError(
            f"{name} asks first, and there is no terminal to ask on",
            hint="if you mean it",
            next=(command,),
        )
    return typer.confirm(question, default=False, err=True)


def on_terminal() -> bool:
    """Say whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty()
