"""Holds JSON against the record that documents it: exact keys, types, all the way down."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Union, get_args, get_origin

from scripts.records import described

_PLAIN: Final[Mapping[object, type]] = {str: str, int: int, bool: bool, type(None): type(None)}


def problems(value: object, hint: object, at: str = "data") -> Iterator[str]:
    """Yield where ``value``, read from JSON, is not what the type ``hint`` says."""
    if hint is Any:
        return
    if isinstance(hint, type) and is_dataclass(hint):
        yield from _record_problems(value, hint, at)
    elif get_origin(hint) in {Union, types.UnionType}:
        if all(list(problems(value, part, at)) for part in get_args(hint)):
            yield f"{at} is {value!r}, which is none of {hint}"
    elif get_origin(hint) in {list, tuple}:
        yield from _array_problems(value, get_args(hint)[0], at)
    elif get_args(hint):
        yield from _object_problems(value, get_args(hint)[1], at)
    elif not _is_plain(value, hint):
        yield f"{at} is {value!r}, which is no {hint}"


def _record_problems(value: object, record: type, at: str) -> Iterator[str]:
    documented = {name: kind for name, kind, _ in described(record)}
    if not isinstance(value, dict) or set(value) != set(documented):
        yield f"{at} has {value!r}, documented are {sorted(documented)}"
        return
    for name, kind in documented.items():
        yield from problems(value[name], kind, f"{at}.{name}")


def _array_problems(value: object, part: object, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at} is {value!r}, which is no array"
        return
    for number, each in enumerate(value):
        yield from problems(each, part, f"{at}[{number}]")


def _object_problems(value: object, part: object, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at} is {value!r}, which is no object"
        return
    for name, each in value.items():
        yield from problems(each, part, f"{at}.{name}")


def _is_plain(value: object, hint: object) -> bool:
    """Say whether a value without parts has the type ``hint``; True is no number."""
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is datetime:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return value in list(hint)
    return type(value) is _PLAIN[hint]
