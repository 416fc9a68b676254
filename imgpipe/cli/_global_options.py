"""The options that every command has, read from the root command that declares them.

People write ``imgpipe setup --local`` as well as ``imgpipe --local setup``; typer takes a root's
options in front alone.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from typer.core import TyperOption

if TYPE_CHECKING:
    from typer._click import Command

WHICH_PIPELINE: Final = "Which pipeline"
"""The panel of the options that must be repeated to reach the same pipeline again."""


@dataclass(frozen=True)
class GlobalOptions:
    """The names of the root's options: those that take a value, and those that say where."""

    names: frozenset[str]
    with_value: frozenset[str]
    which_pipeline: frozenset[str]

    @classmethod
    def of(cls, root: Command) -> GlobalOptions:
        """Return the options of the command ``root``."""
        options = [each for each in root.params if isinstance(each, TyperOption)]
        where = [each for each in options if each.rich_help_panel == WHICH_PIPELINE]
        return cls(
            names=frozenset(name for option in options for name in option.opts),
            with_value=frozenset(
                name for option in options if not option.is_flag for name in option.opts
            ),
            which_pipeline=frozenset(name for option in where for name in option.opts),
        )

    def in_front(self, arguments: Sequence[str]) -> list[str]:
        """Return the arguments with every global option, and its value, moved to the front.

        What follows ``--`` stays. An option at the very end, whose value is missing, is returned
        alone: in front of the command it would swallow the command's name.
        """
        if arguments and arguments[-1] in self.with_value and "--" not in arguments:
            return [arguments[-1]]
        options, rest = self.split(arguments)
        return [*(word for option in options for word in option), *rest]

    def split(self, arguments: Sequence[str]) -> tuple[list[tuple[str, ...]], list[str]]:
        """Return the global options among ``arguments``, each with its value, and the rest."""
        options: list[tuple[str, ...]] = []
        rest: list[str] = []
        remaining = list(arguments)
        while remaining:
            argument = remaining.pop(0)
            if argument == "--":
                return options, [*rest, argument, *remaining]
            if argument in self.with_value and remaining:
                options.append((argument, remaining.pop(0)))
            elif argument.partition("=")[0] in self.names:
                options.append((argument,))
            else:
                rest.append(argument)
        return options, rest

    def to_same_pipeline(self, arguments: Sequence[str]) -> str:
        """Return those of ``arguments`` that lead to the same pipeline, quoted for a shell.

        Each has a space behind it. Without them the next command would reach another stage, or,
        from the embedded AWS, an account.
        """
        return "".join(
            f"{shlex.join(option)} "
            for option in self.split(arguments)[0]
            if option[0].partition("=")[0] in self.which_pipeline
            and option != (option[0],) * (option[0] in self.with_value)
        )

    def value(self, name: str, arguments: Sequence[str]) -> str:
        """Return the value that ``arguments`` give the option ``name``; empty if they do not."""
        for option in self.split(arguments)[0]:
            option_name, _, value = "=".join(option).partition("=")
            if option_name == name:
                return value
        return ""
