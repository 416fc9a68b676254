"""Checks on single settings: one vocabulary for the recipe and for imgpipe's own settings.

A check knows in words what it allows, and refuses the rest with ``InvalidSettingError``, whose
parts callers put into messages of their own. Nobody reads a message back. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")

_METADATA_KEY: Final = "check"
_LONGEST_TEXT: Final = 200


class InvalidSettingError(ValueError):
    """A setting is not what it may be.

    Attributes:
        name: the setting's name.
        value: what it was given.
        allowed: what it may be, as a plural that completes "allowed are".
    """

    def __init__(self, name: str, value: object, allowed: str) -> None:
        super().__init__(name, value, allowed)
        self.name = name
        self.value = value
        self.allowed = allowed

    def __str__(self) -> str:
        return f"{self.problem}; allowed are {self.allowed}"

    @property
    def problem(self) -> str:
        """What is wrong, without what would be right: ``width is 0``."""
        return f"{self.name} is {self.value!r}"

    def called(self, name: str) -> Self:
        """Return the same error about the setting ``name``: callers know it by another one."""
        return type(self)(name, self.value, self.allowed)


class UnknownKeyError(InvalidSettingError):
    """There is no setting ``name``; ``allowed`` lists those there are."""

    @property
    def problem(self) -> str:
        """What is wrong: ``unknown key 'widht'``."""
        return f"unknown key {self.name!r}"


class DoubledNameError(InvalidSettingError):
    """Two things, ``name`` in the plural, have the same name ``value``."""

    @property
    def problem(self) -> str:
        """What is wrong: ``two renditions are called 'a'``."""
        return f"two {self.name} are called {self.value!r}"


class Check(NamedTuple):
    """What a setting may be: ``allowed`` in words (a plural), and the test for it.

    ``schema`` says the same, as far as JSON Schema can, for editors.
    """

    allowed: str
    accepts: Callable[[Any], bool]
    schema: Mapping[str, Any] = MappingProxyType({})

    def __call__(self, name: str, value: object) -> None:
        """Raise ``InvalidSettingError`` about the setting ``name`` unless ``value`` is allowed."""
        if not self.accepts(value):
            raise InvalidSettingError(name, value, self.allowed)


def choice(*values: object) -> Check:
    """Return a check for one of ``values``."""
    allowed = ", ".join(map(str, values))
    return Check(allowed, lambda value: _is_one(value, values), {"enum": list(values)})


def integer(low: int, high: int) -> Check:
    """Return a check for whole numbers from ``low`` to ``high``."""
    return Check(
        f"whole numbers from {low} to {high}",
        lambda value: type(value) is int and low <= value <= high,
        {"type": "integer", "minimum": low, "maximum": high},
    )


def number(low: float, high: float) -> Check:
    """Return a check for numbers from ``low`` to ``high``."""
    return Check(
        f"numbers from {low:g} to {high:g}",
        lambda value: type(value) in {int, float} and low <= value <= high,
        {"type": "number", "minimum": low, "maximum": high},
    )


def either(one: Check, other: Check) -> Check:
    """Return a check for what ``one`` or ``other`` accepts."""
    return Check(
        f"{one.allowed}, and {other.allowed}",
        lambda value: one.accepts(value) or other.accepts(value),
        {"anyOf": [one.schema, other.schema]},
    )


def matching(pattern: str, allowed: str) -> Check:
    """Return a check for texts that match ``pattern`` wholly, described by ``allowed``."""
    compiled = re.compile(pattern)
    return Check(
        allowed,
        lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None,
        {"type": "string", "pattern": f"^(?:{pattern})$"},
    )


def some_of(*values: str) -> Check:
    """Return a check for lists and tuples of at least one of ``values``."""
    return Check(
        f"lists of {', '.join(values)}",
        lambda value: (
            isinstance(value, list | tuple)
            and bool(value)
            and all(_is_one(one, values) for one in value)
        ),
        {"type": "array", "minItems": 1, "items": {"enum": list(values)}},
    )


def lists_of(check: Check) -> Check:
    """Return a check for lists and tuples, empty ones too, of what ``check`` accepts."""
    return Check(
        f"lists of {check.allowed}",
        lambda value: isinstance(value, list | tuple) and all(map(check.accepts, value)),
        {"type": "array", "items": check.schema},
    )


def some(check: Check) -> Check:
    """Return a check for lists and tuples of at least one that ``check`` accepts."""
    several = lists_of(check)
    return Check(
        f"{several.allowed}, one or more",
        lambda value: several.accepts(value) and bool(value),
        {**several.schema, "minItems": 1},
    )


def _is_one(value: object, values: Sequence[object]) -> bool:
    """Compare with the type: True is no 1."""
    return any(type(value) is type(one) and value == one for one in values)


boolean: Final = Check("true and false", lambda value: isinstance(value, bool), {"type": "boolean"})
colour: Final = matching("#[0-9a-fA-F]{6}", "colours written #rrggbb")
cache_control: Final = matching(
    r'|keep|[a-z-]+(=\d+|="[^"]*")?(, *[a-z-]+(=\d+|="[^"]*")?)*',
    "directives of Cache-Control such as 'public, max-age=300', keep, and none at all",
)
metadata_name: Final = matching(
    r"[a-z0-9_.-]{1,64}", "names of user metadata, in small letters as S3 keeps them"
)
text: Final = Check(
    f"texts of at most {_LONGEST_TEXT} characters, without control characters",
    lambda value: isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isprintable(),
    {"type": "string", "maxLength": _LONGEST_TEXT},
)


def setting(default: T, check: Check) -> T:
    """Return a dataclass field with a default and its check, for ``check_of`` to find."""
    declared: T = field(default=default, metadata={_METADATA_KEY: check})
    return declared


def checks_of(group: DataclassInstance | type[DataclassInstance]) -> dict[str, Check]:
    """Return the check of every field that was declared by ``setting``, by the field's name."""
    return {f.name: f.metadata[_METADATA_KEY] for f in fields(group) if _METADATA_KEY in f.metadata}


def web_font(content: bytes) -> str:
    """Return what kind of web font a file is, packed for browsers alone; empty if it is none."""
    return {b"wOFF": "WOFF", b"wOF2": "WOFF2"}.get(content[:4], "")
