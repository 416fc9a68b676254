"""THE table of everything that a settings file may say: key, table, default, check, meaning.

It is read from the settings' and the recipe's own fields, so that none is forgotten. The commented
file, the editors' schema and what ``config show`` lists are made of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, Final

from handler.checks import Check, boolean, checks_of
from handler.delivery_settings import DeliverySettings
from handler.group import Group
from handler.page_settings import PageSettings
from handler.recipe import Limits, Rendition, Watermark
from imgpipe.settings.meanings import OF_DELIVERY, OF_DEPLOYMENT, OF_PAGE, OF_PICTURES
from imgpipe.settings.settings import Settings


@dataclass(frozen=True)
class Known:
    """One setting: its ``table`` (empty for none), its name there, and what it may be."""

    table: str
    name: str
    default: Any
    check: Check
    meaning: str

    @property
    def key(self) -> str:
        """Where it stands: ``memory``, ``picture.width``."""
        return f"{self.table}.{self.name}" if self.table else self.name


def _known() -> Iterator[Known]:
    for name, check in checks_of(Settings).items():
        yield Known("", name, _default(Settings, name), check, OF_DEPLOYMENT.get(name, ""))
    yield from _of_group("picture", Rendition, "")
    switch = OF_PICTURES["watermark"]
    yield Known("picture", "watermark", default=True, check=boolean, meaning=switch)
    yield from _of_group("watermark", Watermark, "watermark_")
    yield from _of_group("limits", Limits, "limits_")
    yield from _of_group("gallery", PageSettings, "gallery_")
    yield from _of_group("delivery", DeliverySettings, "delivery_")


def _of_group(table: str, group: type[Group], prefix: str) -> Iterator[Known]:
    for name, check in checks_of(group).items():
        if name != "name":  # of a [[rendition]] alone
            meaning = {**OF_PICTURES, **OF_PAGE, **OF_DELIVERY}.get(prefix + name, "")
            yield Known(table, name, _default(group, name), check, meaning)


def _default(group: type[Any], name: str) -> Any:
    return next(field.default for field in fields(group) if field.name == name)


SETTINGS: Final = tuple(_known())
BY_KEY: Final = {each.key: each for each in SETTINGS}


def nearest(key: str) -> str:
    """Return the key that ``key`` was perhaps meant to be; empty if none is near."""
    by_name = {each.name: each.key for each in reversed(SETTINGS)}
    near = get_close_matches(key, [*BY_KEY, *by_name], n=1)
    return by_name.get(near[0], near[0]) if near else ""
