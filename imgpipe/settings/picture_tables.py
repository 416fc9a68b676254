"""The picture's side of imgpipe.toml: tables that make a ``Recipe``, and a recipe's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from handler.checks import InvalidSettingError
from handler.recipe import Limits, Recipe, Rendition, Watermark, web_preset
from imgpipe.errors import SettingsError
from imgpipe.settings.checks import refusal
from imgpipe.settings.file import SettingsFile
from imgpipe.settings.origin import Origin

T = TypeVar("T")

# Lambda takes 4 KB of environment in all; names of buckets and table need some of it:
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST_BYTES: Final = 3_600
TABLES: Final = ("picture", "watermark", "rendition", "limits")
_HINT: Final = "see 'Configuration' in the README"


def recipe(file: Mapping[str, Any], preset: str, where: str) -> Recipe:
    """Build the recipe from the file's tables; ``preset`` may add the web's six renditions.

    ``[picture]`` and ``[watermark]`` are the default rendition's, and every ``[[rendition]]``
    inherits them.

    Raises:
        SettingsError: an unknown key or a bad value; it names ``where``, table and what is allowed.
    """
    base = _base(file, where)
    renditions = (base, *_named(file, base, where), *(web_preset(base) if preset == "web" else ()))
    limits = _table(where, "limits", lambda: Limits.from_mapping(file.get("limits", {})))
    return _bounded(_table(where, "rendition", lambda: Recipe(renditions, limits)), where)


def tables(recipe: Recipe) -> dict[str, Any]:
    """Return ``preset`` and the tables that ``recipe``, above, makes this very recipe of.

    What has its default, and what a rendition inherits, is left out.
    """
    base, *named = recipe.renditions
    web = web_preset(base)
    if tuple(named[-len(web) :]) == web:
        named = named[: -len(web)]
    found = {
        "preset": "web" if len(named) + 1 < len(recipe.renditions) else "",
        **_base_tables(base),
        "rendition": [differing(each, base) for each in named],
        "limits": recipe.limits.to_mapping(),
    }
    return {name: table for name, table in found.items() if table}


def differing(rendition: Rendition, base: Rendition) -> dict[str, Any]:
    """Return what a [[rendition]] must say for itself: all that it does not have of ``base``."""
    values = {
        f.name: getattr(rendition, f.name)
        for f in fields(rendition)
        if getattr(rendition, f.name) != getattr(base, f.name)
    }
    if "watermark" in values:
        mark = rendition.watermark
        values["watermark"] = mark.to_mapping() if mark else False
    return values


def asset_paths(recipe: Recipe, folder: Path) -> tuple[Path, ...]:
    """Return the paths of the files the recipe's watermarks name, from imgpipe.toml's ``folder``.

    Nobody looks whether they are there: ``settings.assets`` does, for the commands that need them.
    """
    watermarks = [rendition.watermark for rendition in recipe.renditions if rendition.watermark]
    names = [name for mark in watermarks for name in (mark.image, mark.font) if name]
    return tuple(sorted({folder / name for name in names}))


def origins(file: SettingsFile) -> dict[str, Origin]:
    """Return where the tables' keys stand: ``picture.width``, ``rendition.thumb.width``."""
    tables = {
        name: table
        for name in (*TABLES, "gallery", "delivery", "tags")
        if isinstance(table := file.values.get(name, {}), dict)
    }
    named = {
        f"rendition.{table['name']}.{key}": file.origin(f"rendition.{number}.{key}")
        for number, table in enumerate(file.values.get("rendition", []))
        for key in table
    }
    return named | {
        f"{name}.{key}": file.origin(f"{name}.{key}")
        for name, table in tables.items()
        for key in table
    }


def deployed(recipe: Recipe) -> Recipe:
    """Return the recipe as the function needs it: of its watermarks' files the names alone.

    There they lie in one folder; a path of this machine would mean nothing, and tell too much.
    """
    renditions = tuple(
        replace(rendition, watermark=_without_folders(rendition.watermark))
        for rendition in recipe.renditions
    )
    return replace(recipe, renditions=renditions)


def _base_tables(base: Rendition) -> dict[str, Any]:
    picture = base.to_mapping()
    mark = picture.pop("watermark", {})
    return {
        "picture": picture | ({} if base.watermark else {"watermark": False}),
        "watermark": mark,
    }


def _without_folders(watermark: Watermark | None) -> Watermark | None:
    return watermark and replace(
        watermark, image=Path(watermark.image).name, font=Path(watermark.font).name
    )


def _bounded(recipe: Recipe, where: str) -> Recipe:
    size = len(recipe.to_json().encode())
    if size > LARGEST_BYTES:
        raise SettingsError(
            f"{where}: the picture settings are {size:,} bytes as the function gets them;"
            f" {LARGEST_BYTES:,} fit",
            hint="have fewer renditions, or put into [picture] and [watermark] what they have in"
            " common with the defaults",
        )
    return recipe


def _base(file: Mapping[str, Any], where: str) -> Rendition:
    picture = _table(where, "picture", lambda: dict(file.get("picture", {})))
    if file.get("watermark"):  # an empty table says nothing
        picture["watermark"] = _table(
            where, "watermark", lambda: Watermark.from_mapping(file["watermark"])
        )
    return _table(where, "picture", lambda: Rendition.from_mapping(picture))


def _named(file: Mapping[str, Any], base: Rendition, where: str) -> list[Rendition]:
    inherited = {**base.to_mapping(), "watermark": base.watermark}
    tables = _table(
        where, "rendition", lambda: [{**inherited, **table} for table in file.get("rendition", [])]
    )
    if any(not table.get("name") for table in tables):
        raise SettingsError(
            f"{where}: a [[rendition]] has no name", hint='give it one of its own: name = "..."'
        )
    return [
        _table(where, f"rendition {table['name']!r}", partial(Rendition.from_mapping, table))
        for table in tables
    ]


def _table(where: str, name: str, build: Callable[[], T]) -> T:
    try:
        return build()
    except InvalidSettingError as error:
        raise refusal(error, f"{where}: [{name}] ") from None
    except (TypeError, ValueError, AttributeError):
        raise SettingsError(f"{where}: {name} is not a table", hint=_HINT) from None
