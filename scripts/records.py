"""The documented JSON of every command, read from what the command shows.

A command hands ``screen.show``, ``stream`` or ``portions`` a view of its render module; the view's
record is a dataclass whose fields are annotated with their meaning.
"""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from imgpipe.cli._commands import Row
from imgpipe.render._screen import View


@dataclass(frozen=True)
class Shown:
    """What a command prints as JSON: envelopes of ``record``, one a line if it is ``streamed``."""

    record: object
    streamed: bool


def shown_by(row: Row) -> list[Shown]:
    """Return what the command of ``row`` prints as JSON, in the order in which its code does."""
    source = Path(inspect.getfile(import_module(row.module))).read_text(encoding="utf-8")
    tree = ast.parse(source)
    modules = {
        name.asname or name.name: import_module(f"{node.module}.{name.name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("imgpipe.render")
        for name in node.names
        if not name.name[0].isupper()
    }
    found = [
        Shown(record_of(getattr(modules[module], view)), method == "stream")
        for method, module, view in _calls(tree)
        if getattr(modules[module], view).record
    ]
    return [shown for at, shown in enumerate(found) if shown not in found[:at]]


def record_of(view: View[Any]) -> object:
    """Return the type of the record that ``view`` makes."""
    if isinstance(view.record, type):
        return view.record
    return get_type_hints(view.record)["return"]


def described(record: type) -> Iterator[tuple[str, Any, str]]:
    """Yield each field of the dataclass ``record``: its name, its type, and what it means."""
    for name, hint in get_type_hints(record, include_extras=True).items():
        if get_origin(hint) is not Annotated:
            raise TypeError(f"{record.__name__}.{name} has no documentation")
        kind, meaning = get_args(hint)
        yield name, kind, meaning


def parts(hint: object) -> Iterator[type]:
    """Yield the records that a value of the type ``hint`` is made of, outermost first."""
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
        for _, kind, _ in described(hint):
            yield from parts(kind)
    for argument in get_args(hint):
        yield from parts(argument)


_WORDS: Final[Mapping[Any, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    datetime: "string, ISO 8601",
    Any: "any JSON",
}


def in_words(hint: object) -> str:
    """Return the type ``hint`` as JSON's own words, a record as a link to its description."""
    if hint in _WORDS:
        return _WORDS[hint]
    if isinstance(hint, type) and is_dataclass(hint):
        name = hint.__name__
        return f"[{name}](#{name.lower()})"
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return "string: " + ", ".join(f"`{member}`" for member in hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return ", or ".join(map(in_words, arguments))
    if origin in {list, tuple, Sequence}:
        return f"array of {in_words(arguments[0])}"
    return f"object, each value {in_words(arguments[1])}"


def _calls(tree: ast.AST) -> Iterator[tuple[str, str, str]]:
    """Yield method, module and view of each ``screen.show(module.VIEW, ...)``, in their order."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="show" | "stream" | "portions" as method),
                args=[ast.Attribute(value=ast.Name(id=module), attr=view), *_],
            ):
                yield method, module, view
