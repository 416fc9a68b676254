"""The table of commands as typer sees it: each command is imported when it is run or asked for."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, MutableMapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from imgpipe.cli._commands import COMMANDS, GROUPS, Panel, Row

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

CONTEXT: Final = {"help_option_names": ["-h", "--help"]}


class CommandGroup(TyperGroup):
    """The commands of ``rows``, whose names begin with the words of ``prefix``."""

    rows: Sequence[Row] = COMMANDS
    prefix: str = ""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Lazy(self.rows, self.prefix)

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, without importing what they stand for."""
        return list(self.commands)

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Return the command that the arguments begin with: of two words before one of one.

        So ``reprocess status`` is a command beside ``reprocess``, which takes keys.
        """
        pair = " ".join(args[:2])
        if pair in {row.name.removeprefix(self.prefix) for row in self.rows}:
            return pair, self.commands[pair], args[2:]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002
        """Write every command of the table with its line of help, under its panel's heading."""
        for panel in Panel:
            lines = [
                (row.name.removeprefix(self.prefix), row.help)
                for row in self.rows
                if row.panel is panel
            ]
            if lines:
                with formatter.section(panel.value):
                    formatter.write_dl(lines)


class _Lazy(MutableMapping[str, "Command"]):
    """The commands by name; typer wants a mapping it could change, and never changes this one."""

    def __init__(self, rows: Sequence[Row], prefix: str) -> None:
        self._prefix = prefix
        self._rows = {row.name.removeprefix(prefix): row for row in rows}
        self._made: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.partition(" ")[0] for name in self._rows))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def _make(self, name: str) -> Command:
        if name in self._rows:
            return _command(name, self._rows[name])
        rows = [row for short, row in self._rows.items() if short.startswith(f"{name} ")]
        if not rows:
            raise KeyError(name)
        return _subgroup(name, f"{self._prefix}{name} ", rows)


def _command(name: str, row: Row) -> Command:
    """Import the command and return it; its docstring says what the table's line leaves open."""
    function = import_module(row.module).command
    app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings=CONTEXT)
    more = inspect.getdoc(function) or ""
    app.command(name, help=f"{row.help}\n\n{more}")(function)
    command = get_command(app)
    command.no_args_is_help = any(parameter.required for parameter in command.params)
    return command


def _subgroup(name: str, prefix: str, rows: Sequence[Row]) -> Command:
    kind = type("Subgroup", (CommandGroup,), {"rows": rows, "prefix": prefix})
    group: Command = kind(
        name=name,
        help=GROUPS[name],
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings=CONTEXT,
    )
    return group
