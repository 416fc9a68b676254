"""Every value in force, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from imgpipe.settings import delivery_table, page_table
from imgpipe.settings.difference import flat
from imgpipe.settings.known import SETTINGS
from imgpipe.settings.origin import Kind, Origin
from imgpipe.settings.settings import Settings

_DEFAULT = Origin(Kind.DEFAULT)


@dataclass(frozen=True)
class Effective:
    """A setting's ``key``, its ``value`` (``None``: left as it is), and where it came from."""

    key: str
    value: Any
    origin: Origin


def effective(settings: Settings) -> list[Effective]:
    """Return every setting as it holds, in the order of the file; a rendition has but its own."""
    pictures = flat(settings.recipe)
    tables = pictures | page_table.flat(settings.page) | delivery_table.flat(settings.delivery)
    found = [
        Effective(
            each.key,
            getattr(settings, each.name) if not each.table else tables[each.key],
            settings.origins.get(each.key, _DEFAULT),
        )
        for each in SETTINGS
    ]
    return [*found, *_renditions(settings, pictures), *_tags(settings)]


def _renditions(settings: Settings, pictures: dict[str, Any]) -> Iterator[Effective]:
    for key, value in pictures.items():
        table, _, rest = key.partition(".")
        _, _, setting = rest.partition(".")
        if table != "rendition" or not setting:
            continue
        said = settings.origins.get(key) or settings.origins.get(_switch(key))
        if said or (setting in {"width", "height", "format"} and "preset" in settings.origins):
            yield Effective(key, value, said or settings.origins["preset"])


def _switch(key: str) -> str:
    """Return the key whose inline table says ``key``; empty if it is in none."""
    table, mark, _ = key.rpartition(".watermark.")
    return f"{table}.watermark" if mark else ""


def _tags(settings: Settings) -> Iterator[Effective]:
    for key, value in settings.tags:
        yield Effective(
            f"tags.{key}", value, settings.origins.get(f"tags.{key}", Origin(Kind.FLAG))
        )
