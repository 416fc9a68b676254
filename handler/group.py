"""A group of settings as a frozen value, and as the mapping that a file or JSON holds of it.

Standard library only, as whatever both sides read before they do anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, ClassVar, Self

from handler import checks
from handler.checks import UnknownKeyError


class Group:
    """A frozen group of settings that can be read from, and written as, a plain mapping.

    Each kind is a frozen dataclass; this is none, which would only cost a start.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __post_init__(self) -> None:
        for name, check in checks.checks_of(self).items():
            value = getattr(self, name)
            check(name, value)
            if isinstance(value, list):  # as files and JSON write what is many
                object.__setattr__(self, name, tuple(value))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Build the group from ``values``.

        Raises:
            InvalidSettingError: a value is not allowed.
            UnknownKeyError: there is no such key; a kind of the former.
        """
        known = {f.name for f in fields(cls)}
        for name in sorted(set(values) - known):
            raise UnknownKeyError(name, values[name], ", ".join(sorted(known)))
        return cls(**values)

    def to_mapping(self) -> dict[str, Any]:
        """Return only what differs from the defaults, so that the JSON stays small."""
        return {
            f.name: _plain(value)
            for f in fields(self)
            if (value := getattr(self, f.name)) != _default(f)
        }


def _default(f: Field[Any]) -> object:
    return f.default_factory() if f.default_factory is not MISSING else f.default


def _plain(value: object) -> object:
    if isinstance(value, Group):
        return value.to_mapping()
    if value is None:
        return False
    return list(value) if isinstance(value, tuple) else value
