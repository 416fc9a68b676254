"""Lets the global options stand behind the command, too: people write ``imgpipe setup --local``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

WITH_VALUE: Final = frozenset(
    {"--profile", "--region", "--stage", "--endpoint-url", "--config", "--output"}
)
WITHOUT_VALUE: Final = frozenset({"--local", "--quiet", "--debug", "--version"})


_WHERE: Final = ("--local", "--profile", "--region", "--stage", "--endpoint-url", "--config")


def hoisted(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with every global option, and its value, moved to the front; what follows ``--`` stays.

    An option at the very end, whose value is missing, is returned alone: in front of the command it would swallow its name.
    """
    front: list[str] = []
    rest: list[str] = []
    remaining = list(arguments)
    while remaining:
        argument = remaining.pop(0)
        if argument == "--":
            return [*front, *rest, argument, *remaining]
        if argument in WITH_VALUE and not remaining:
            return [argument]
        if argument in WITH_VALUE:
            front += [argument, remaining.pop(0)]
        elif argument in WITHOUT_VALUE or argument.split("=", 1)[0] in WITH_VALUE:
            front.append(argument)
        else:
            rest.append(argument)
    return [*front, *rest]


def where(arguments: Sequence[str]) -> str:
    """Return those of the arguments that say which pipeline is meant, ready to be typed again, each with a space behind it."""
    front = iter(hoisted(arguments))
    given = [
        (each, next(front, "")) if each in WITH_VALUE else (each,)
        for each in front
        if each.startswith("--")
    ]
    return "".join(f"{shlex.join(each)} " for each in given if each[0].split("=", 1)[0] in _WHERE)
