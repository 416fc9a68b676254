"""No text names an option or a command that is not there: no string, docstring or document."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from typer.main import get_command

from imgpipe.cli import app

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for room in ("imgpipe", "handler", "bench", "scripts")
    for path in (ROOT / room).rglob("*.py")
)
# What was is told in the changelog.
DOCUMENTS = sorted(
    path
    for folder in (".", "docs", "docs/decisions", "bench", ".github")
    for path in (ROOT / folder).glob("*.md")
    if path.name != "CHANGELOG.md"
)

OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
NAME = re.compile(r"[a-z][a-z-]*")
# In backticks or quotes, or on an indented line of its own: a command, and not a sentence.
QUOTED = re.compile(r"[`'\"]imgpipe +([^`'\"\n#|;]*)")
LINE = re.compile(r"^(?: {4}|\$ )imgpipe +([^\n#|;]*)", re.MULTILINE)
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
# The options of other programs that our texts name, each beside its program.
FOREIGN = {
    "aws": "region-name recursive",
    "pip": "hash no-deps only-binary require-hashes implementation no-input python-version dest "
    "disable-pip-version-check abi platform requirement force-reinstall wheel-dir",
    "npm": "silent no-save",
    "python": "invalidation-mode",
    "microburst": "upstream",
    "mypy": "strict",
    "chromium": "force-color-profile disable-gpu no-sandbox",
    "uv": "extra no-dev locked inexact python group frozen",
    "S3's reserved names": "ol-s3",
}

# Of typer's own making, and typed as loosely as its groups are.
Command = Any
Words = tuple[str, ...]


def commands(command: Command, path: Words = ()) -> Iterator[tuple[Words, Command]]:
    """Yield every command of the tree, the root and hidden ones too, by its path."""
    yield path, command
    if hasattr(command, "list_commands"):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), (*path, name))


COMMANDS: Mapping[Words, Command] = dict(commands(get_command(app)))


def texts(path: Path) -> Iterator[str]:
    """Yield a document whole, and of a module every string; what is computed reads as VALUE."""
    if path.suffix == ".py":
        yield from strings(nodes(path))
    else:
        content = path.read_text(encoding="utf-8")
        yield FENCED.sub(lambda block: re.sub("^", " " * 4, block[0], flags=re.MULTILINE), content)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return a module's syntax tree, every node of it: parsed once for all that read it."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def strings(among: Iterable[ast.AST]) -> Iterator[str]:
    """Yield every string ``among`` the nodes, in one piece if it has holes."""
    pieces: set[int] = set()
    for node in among:  # a string with holes comes before its pieces
        if isinstance(node, ast.JoinedStr):
            pieces.update(map(id, node.values))
            values = (getattr(piece, "value", "") for piece in node.values)
            yield "".join(value if isinstance(value, str) else "VALUE" for value in values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value if id(node) not in pieces else ""


def following(path: Path) -> Iterator[str]:
    """Yield the commands that a module gives as data, to be run next: without ``imgpipe``."""
    for node in nodes(path):
        if isinstance(node, ast.keyword) and node.arg == "next":
            yield from strings(ast.walk(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from strings(ast.walk(ast.Tuple(node.args))) if node.func.attr == "next" else ()


def wrong(line: str) -> str:
    """Say what is wrong with the command ``line``; empty if nothing is, or if it is no command."""
    path: Words = ()
    words = [word.rstrip(".,:)") for word in line.split()]
    while words:
        word = words[0].partition("=")[0]
        if word in (root := options(())):
            skipped = 1 if root[word] is None or root[word].is_flag or "=" in words[0] else 2
            words = words[skipped:]
        elif (*path, word) in COMMANDS:
            path, words = (*path, word), words[1:]
        elif hasattr(COMMANDS[path], "list_commands") and NAME.fullmatch(word):
            return f"there is no command {' '.join((*path, word))}"
        else:
            break
    named = {name for word in words if (name := word.partition("=")[0]).startswith("--")}
    allowed = {*options(()), *options(path)} if path else OURS
    return f"there is no option {missing} there" if (missing := named - allowed) else ""


@cache
def options(path: Words) -> Mapping[str, Any]:
    """Return the command's own options, each beside its parameter; ``--help`` has none."""
    spelled = ((name, each) for each in COMMANDS[path].params for name in each.opts)
    negative = ((name, each) for each in COMMANDS[path].params for name in each.secondary_opts)
    return {"-h": None, "--help": None, **dict(spelled), **dict(negative)}


OURS = {option for path in COMMANDS for option in options(path)}
KNOWN = OURS | {f"--{name}" for names in FOREIGN.values() for name in names.split()}


@pytest.mark.parametrize(
    "path", [*SOURCES, *DOCUMENTS], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_option_and_command_a_text_names_is_there(path: Path) -> None:
    """Whoever follows a hint must not be told that there is no such thing."""
    for text in texts(path):
        # A block of code may be another program's; only our own lines in it are read.
        prose = FENCED.sub("", text)
        assert set(OPTION.findall(prose)) <= KNOWN, text
        for line in [*QUOTED.findall(prose), *LINE.findall(text)]:
            assert not wrong(line), f"imgpipe {line}: {wrong(line)}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_next_command_is_there(path: Path) -> None:
    """Those that errors and results carry as data."""
    for line in following(path):
        assert not wrong(line), f"{line}: {wrong(line)}"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("setup --architecture arm64", "option"),
        ("--local setpu", "command"),
        ("--stage blue local strat", "command"),
        ("upload photo.jpg --wdth 3", "option"),
        ("--local --region eu-west-1 status --yes", "option"),
        ("--local --region eu-west-1 teardown --yes", ""),
        ("local logs --follow", ""),
        ("COMMAND --help", ""),
    ],
)
def test_a_wrong_one_would_be_seen(line: str, fault: str) -> None:
    """The guard itself, on lines with and without a fault."""
    assert wrong(line).startswith(f"there is no {fault}") is bool(fault)
