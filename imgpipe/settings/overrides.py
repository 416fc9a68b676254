"""A command's picture options over imgpipe.toml: ``--width`` is [picture]'s, ``--watermark-text`` [watermark]'s, ``--limits-pixels`` [limits]'s."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from handler.recipe import Group, Limits, Recipe, Rendition, Watermark
from imgpipe.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.settings import Settings

P = TypeVar("P", bound=Group)

# An option's name is its prefix here and the field's name; a rendition's own name is no option, for there are several renditions.
PARTS: Final[Mapping[str, type[Group]]] = {
    "": Rendition,
    "watermark_": Watermark,
    "limits_": Limits,
}
_FILES: Final = ("watermark_image", "watermark_font")


def overlaid(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """Return ``settings`` with every given option in the place of that setting in every rendition; ``None`` = not given.

    A watermark's option puts a watermark on every rendition, unless ``watermark`` is false, and its text takes an
    image's place. Its files are paths from the working directory.

    Raises:
        SettingsError: a value that is not allowed; it names the option and what is.
        UsageError: a watermark's file is missing.
    """
    given = {name: value for name, value in options.items() if value is not None}
    files = {name: _file(name, given[name]) for name in _FILES if given.get(name)}
    given |= {name: path.name for name, path in files.items()}
    assets = {path.name: path for path in (*settings.assets, *files.values())}
    return replace(settings, recipe=_recipe(settings.recipe, given), assets=tuple(assets.values()))


def _file(name: str, value: str) -> Path:
    path = Path(value)
    if not path.is_file():
        raise UsageError(
            f"{_option(name)}: {value} does not exist",
            hint="its path is relative to the directory you are in",
        )
    return path


def _recipe(recipe: Recipe, given: Mapping[str, Any]) -> Recipe:
    picture, limits = _of(Rendition, "", given), _of(Limits, "limits_", given)
    renditions = (
        _replaced(each, {**picture, "watermark": _mark(each.watermark, given)}, "")
        for each in recipe.renditions
    )
    return Recipe(tuple(renditions), _replaced(recipe.limits, limits, "limits_"))


def _mark(mark: Watermark | None, given: Mapping[str, Any]) -> Watermark | None:
    values = _of(Watermark, "watermark_", given)
    if not given.get("watermark", mark or values):
        return None
    instead = {"image": ""} if "text" in values else {}
    return _replaced(mark or Watermark(), {**instead, **values}, "watermark_")


def _of(part: type[Group], prefix: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {f.name: given[prefix + f.name] for f in fields(part) if prefix + f.name in given}  # type: ignore[arg-type]


def _replaced(part: P, values: Mapping[str, Any], prefix: str) -> P:
    try:
        return replace(part, **values)  # type: ignore[type-var]
    except ValueError as error:
        name, _, words = str(error).partition(" ")
        what, _, allowed = words.rpartition("; ")
        raise SettingsError(f"{_option(prefix + name)} {what}", hint=allowed) from None


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
