"""From what a command line says of files to those that are meant: lists, patterns, keys."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imgpipe.errors import UsageError

if TYPE_CHECKING:
    from imgpipe.pictures.naming import Naming
    from imgpipe.pictures.patterns import Pattern

_LIST: Final = "-"

Prefix = Annotated[
    str, typer.Option(help="Folder in the bucket, such as 2026/holiday.", show_default=False)
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Take in files whose path below the named folder matches; * matches / too. If the "
        "first pattern is one of these, nothing else is meant.",
        show_default=False,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Leave such files out. Of several patterns, the last that matches decides.",
        show_default=False,
    ),
]


def named(words: Sequence[str], *, nul: bool) -> Iterator[Path]:
    """Yield the paths that ``words`` name; a ``-`` stands for the list on standard input.

    Its paths end with a line's end, or with a NUL.

    Raises:
        UsageError: a list is spoken of, and there is none.
    """
    if nul and _LIST not in words:
        raise UsageError(
            "-0 is about the list of paths that '-' reads", hint="find DIR -print0 | ... -0 -"
        )
    for word in words:
        yield from _listed(nul) if word == _LIST else [Path(word)]


def naming(arguments: Sequence[str], prefix: str, relative_to: Path | None = None) -> Naming:
    """Return how files come to their keys; the patterns stand in ``arguments``, in their order."""
    from imgpipe.pictures.naming import Naming
    from imgpipe.pictures.patterns import Patterns

    return Naming(prefix, relative_to, Patterns(tuple(_patterns(arguments))))


def _listed(nul: bool) -> Iterator[Path]:
    from imgpipe.pictures import listed

    return listed.paths(sys.stdin.buffer, listed.NUL if nul else listed.LINE)


def _patterns(arguments: Sequence[str]) -> Iterator[Pattern]:
    """Yield what --include and --exclude say. typer keeps the order within each of them only."""
    from imgpipe.pictures.patterns import Pattern

    words = iter(arguments)
    for word in words:
        name, equals, text = word.partition("=")
        if name in {"--include", "--exclude"}:
            yield Pattern(name == "--include", text if equals else next(words))
        elif word == "--":
            return
