"""Lets the global options stand behind the command, too: people write ``imgpipe setup --local``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

WITH_VALUE: Final = frozenset({"--profile", "--region", "--stage", "--endpoint-url", "--config", "--output"})
WITHOUT_VALUE: Final = frozenset({"--local", "--quiet", "--debug", "--version"})


def hoisted(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with every global option, and its value, moved to the front; what follows ``--`` stays."""
    front: list[str] = []
    rest: list[str] = []
    remaining = list(arguments)
    while remaining:
        argument = remaining.pop(0)
        if argument == "--":
            return [*front, *rest, argument, *remaining]
        if argument in WITH_VALUE:
            front += [argument, *remaining[:1]]
            del remaining[:1]
        elif argument in WITHOUT_VALUE or argument.split("=", 1)[0] in WITH_VALUE:
            front.append(argument)
        else:
            rest.append(argument)
    return [*front, *rest]
