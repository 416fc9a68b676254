"""Asking before something is deleted, or comes out otherwise."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable

import typer

from imgpipe.errors import InterruptedRunError, UsageError


def spelled(command: str, **options: str | bool | Iterable[str] | None) -> str:
    """Return ``command`` with every option that was given (not ``None``), as it is typed again."""
    words = (word for name, value in options.items() for word in _words(name, value))
    return shlex.join([command, *words])


def _words(name: str, value: str | bool | Iterable[str] | None) -> list[str]:
    if value is None:
        return []
    option = "--" + ("no-" * (value is False) + name).replace("_", "-")
    if isinstance(value, bool):
        return [option]
    values = [value] if isinstance(value, str) else value
    return [word for each in values for word in (option, each)]


def confirmed(question: str, command: str) -> bool:
    """Ask ``question`` on the terminal and return the answer.

    Raises:
        UsageError: there is no terminal; ``command`` is what says yes in advance.
        InterruptedRunError: somebody pressed Ctrl-C instead of answering.
    """
    if not on_terminal():
        name = command.partition(" ")[0]
        raise UsageError(
            f"{name} asks first, and there is no terminal to ask on",
            hint="if you mean it",
            next=(command,),
        )
    try:
        return typer.confirm(question, default=False, err=True)
    except typer.Abort as abort:
        if not isinstance(abort.__context__, KeyboardInterrupt):
            raise  # the end of the input: nobody answered
        sys.stderr.write("\n")  # the terminal's ^C has no line of its own
        raise InterruptedRunError("interrupted", hint="nothing was changed") from None


def on_terminal() -> bool:
    """Say whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty()
