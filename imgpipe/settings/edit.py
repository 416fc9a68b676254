"""One setting of a settings file, changed: its comments and its order stay."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from imgpipe.errors import SettingsError
from imgpipe.settings.file import parsed
from imgpipe.settings.known import BY_KEY, nearest
from imgpipe.settings.settings import merged


@dataclass(frozen=True)
class Edited:
    """A settings file's ``text`` after the change, and the ``value`` that was written."""

    text: str
    value: Any


def edited(path: Path, text: str, key: str, value: str) -> Edited:
    """Return ``text``, the settings file at ``path``, with ``key`` set to ``value``.

    ``key`` is ``memory``, ``picture.width``, ``tags.team`` or ``rendition.thumb.width``; ``value``
    is written as TOML has it, or as a bare text. Nothing is written.

    Raises:
        SettingsError: there is no such key, the value is not allowed, or the file is none.
    """
    table, name = _place(key)
    parsed(path, text)
    refusal: SettingsError | None = None
    for each in _readings(value):
        try:
            whole = _with(text, table, name, each)
            merged({}, {}, parsed(path, whole))
        except SettingsError as error:
            refusal = refusal or error
        except TOMLKitError as error:
            raise SettingsError(
                f"{path} cannot be changed: {error}", hint="change it in an editor"
            ) from error
        else:
            return Edited(whole, each)
    raise refusal or SettingsError(f"{key} has no value", hint="name one")


def _place(key: str) -> tuple[list[str], str]:
    *table, name = key.split(".")
    plain = key
    if table[:1] == ["rendition"] and len(table) == 2:  # noqa: PLR2004 - and the rendition's name
        plain = f"picture.{name}"
    if plain not in BY_KEY and table != ["tags"]:
        near = nearest(key)
        raise SettingsError(
            f"unknown setting {key!r}",
            hint=f"did you mean {near}?" if near else "those there are:",
            next=() if near else ("config show",),
        )
    return table, name


def _readings(value: str) -> Iterator[Any]:
    """Yield what a person may mean by ``value``: TOML's value, or the very text."""
    with suppress(ValueError, RecursionError):
        yield tomllib.loads(f"value = {value}")["value"]
    yield value


def _with(text: str, table: list[str], name: str, value: Any) -> str:
    document = tomlkit.parse(text)
    if table[:1] == ["rendition"]:
        _rendition(document, table[1])[name] = value
    elif table:
        if table[0] not in document:
            document[table[0]] = tomlkit.table()
        document[table[0]][name] = value
    else:
        document[name] = value
    return tomlkit.dumps(document)


def _rendition(document: tomlkit.TOMLDocument, name: str) -> Any:
    for each in document.get("rendition", []):
        if each.get("name") == name:
            return each
    raise SettingsError(
        f"there is no [[rendition]] called {name!r}", hint="write it into the file first"
    )
