"""A table of imgpipe.toml that holds one group of settings, such as ``[gallery]``."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from handler.checks import InvalidSettingError
from handler.group import Group
from imgpipe.errors import SettingsError
from imgpipe.settings.checks import refusal
from imgpipe.settings.file import SettingsFile

G = TypeVar("G", bound=Group)


def read(file: SettingsFile, table: str, kind: type[G]) -> G:
    """Return what ``table`` of the file says, as a group of this ``kind``.

    Raises:
        SettingsError: an unknown key or a bad value.
    """
    values = file.values.get(table, {})
    if not isinstance(values, dict):
        raise SettingsError(f"{file.name}: {table} is not a table", hint=f"write [{table}]")
    try:
        return kind.from_mapping(values)
    except InvalidSettingError as error:
        raise refusal(error, f"{file.name}: [{table}] ") from None


def flat(table: str, group: Group) -> dict[str, Any]:
    """Return every setting of ``group`` by its key, such as ``gallery.title``."""
    return {f"{table}.{f.name}": getattr(group, f.name) for f in fields(group)}
