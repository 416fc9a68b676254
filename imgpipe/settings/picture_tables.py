"""The picture's side of imgpipe.toml: its tables -> a ``Recipe``, and the files a watermark needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from handler.recipe import Limits, Recipe, Rendition, Watermark, web_preset
from imgpipe.errors import SettingsError

T = TypeVar("T")

# Lambda takes 4 KB of environment in all; names of buckets and table need some of it:
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST: Final = 3_600
TABLES: Final = ("picture", "watermark", "rendition", "limits")
_HINT: Final = "see 'Configuration' in the README"


def recipe(file: Mapping[str, Any], preset: str, where: str) -> Recipe:
    """Build the recipe from the file's tables; ``preset`` may add the web's six renditions.

    ``[picture]`` and ``[watermark]`` are the default rendition's, and inherited by every ``[[rendition]]``.

    Raises:
        SettingsError: an unknown key or a bad value; it names ``where``, the table and what is allowed.
    """
    base = _base(file, where)
    renditions = (base, *_named(file, base, where), *(web_preset(base) if preset == "web" else ()))
    limits = _table(where, "limits", lambda: Limits.from_mapping(file.get("limits", {})))
    return _bounded(_table(where, "rendition", lambda: Recipe(renditions, limits)), where)


def assets(of: Recipe, folder: Path) -> tuple[Path, ...]:
    """Return the local files the recipe's watermarks name, looked for beside imgpipe.toml.

    Raises:
        SettingsError: one is not there, or two have the same name in different folders.
    """
    marks = [rendition.watermark for rendition in of.renditions if rendition.watermark]
    paths = sorted({folder / name for mark in marks for name in (mark.image, mark.font) if name})
    if missing := [path for path in paths if not path.is_file()]:
        raise SettingsError(
            f"the watermark's file {missing[0]} does not exist",
            hint="its path is relative to imgpipe.toml",
        )
    for path in paths:
        if namesake := next(
            (other for other in paths if other.name == path.name and not other.samefile(path)), None
        ):
            raise SettingsError(
                f"{path} and {namesake} have the same name",
                hint="rename one: both are deployed into one folder",
            )
    return tuple(paths)


def deployed(of: Recipe) -> Recipe:
    """Return the recipe as the function needs it: its watermarks' files lie in one folder there, so their names are all that stays."""
    return replace(
        of,
        renditions=tuple(replace(each, watermark=_bare(each.watermark)) for each in of.renditions),
    )


def _bare(mark: Watermark | None) -> Watermark | None:
    return mark and replace(mark, image=Path(mark.image).name, font=Path(mark.font).name)


def _bounded(of: Recipe, where: str) -> Recipe:
    size = len(of.to_json().encode())
    if size > LARGEST:
        raise SettingsError(
            f"{where}: the picture settings are {size:,} bytes as the function gets them; {LARGEST:,} fit",
            hint="have fewer renditions, or put into [picture] and [watermark] what they have in common with the defaults",
        )
    return of


def _base(file: Mapping[str, Any], where: str) -> Rendition:
    picture = _table(where, "picture", lambda: dict(file.get("picture", {})))
    if "watermark" in file:
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
    except ValueError as error:
        raise SettingsError(f"{where}: [{name}]: {error}", hint=_HINT) from None
    except (TypeError, AttributeError):
        raise SettingsError(f"{where}: {name} is not a table", hint=_HINT) from None
