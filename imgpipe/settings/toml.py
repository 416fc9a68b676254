"""Settings as the text of an imgpipe.toml."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def document(values: Mapping[str, Any]) -> str:
    """Return ``values`` as TOML: scalars and lists of them first, then tables and their arrays."""
    return "".join(f"{line}\n" for line in _lines(values, ()))


def scalar(value: object) -> str:
    """Return a text, number, truth value or a list of them as TOML has it, on one line.

    JSON's are TOML's, but for U+007F, which no setting may hold.
    https://toml.io/en/v1.0.0#string
    """
    return json.dumps(value, ensure_ascii=False)


def _lines(values: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    for key, value in values.items():
        if not _is_table(value) and not _is_array(value):
            yield f"{_key(key)} = {scalar(value)}"
    for key, value in values.items():
        name = ".".join(map(_key, (*path, key)))
        for table in value if _is_array(value) else ():
            yield from ("", f"[[{name}]]", *_lines(table, (*path, key)))
        if _is_table(value):
            yield from ("", f"[{name}]", *_lines(value, (*path, key)))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_array(value: object) -> bool:
    return isinstance(value, list) and any(map(_is_table, value))


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else scalar(key)
