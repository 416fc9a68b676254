"""Asking before something is deleted."""

from __future__ import annotations

import sys

import typer

from imgpipe.errors import UsageError


def confirmed(question: str, command: str) -> bool:
    """Ask ``question`` on the terminal and return the answer.

    Raises:
        UsageError: there is no terminal; ``command`` is what says yes in advance.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        name = command.removesuffix(" --yes")
        raise UsageError(
            f"{name} asks before it deletes, and there is no terminal to ask on",
            hint="if you mean it",
            next=(command,),
        )
    return typer.confirm(question, default=False, err=True)
