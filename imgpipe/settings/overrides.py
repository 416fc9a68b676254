"""A command's picture options, laid over imgpipe.toml.

``--width`` is [picture]'s, ``--watermark-text`` [watermark]'s, ``--limits-pixels`` [limits]'s.
"""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from handler.checks import InvalidSettingError
from handler.group import Group
from handler.recipe import Limits, Recipe, Rendition, Watermark
from imgpipe.errors import UsageError
from imgpipe.settings.checks import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.settings import Settings

G = TypeVar("G", bound=Group)

# An option's name is its prefix here and the field's name; a rendition's own name is no option, for
# there are several renditions.
PARTS: Final[Mapping[str, type[Group]]] = {
    "": Rendition,
    "watermark_": Watermark,
    "limits_": Limits,
}
_FILES: Final = ("watermark_image", "watermark_font")


def overlaid(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """Return ``settings`` with each option in the place of its setting in every rendition.

    An option that is ``None`` was not given. A watermark's option puts a watermark on every
    rendition, unless ``watermark`` is false, and its text takes an image's place. Its files are
    paths from the working directory.

    Raises:
        SettingsError: a value that is not allowed; it names the option and what is.
        UsageError: a watermark's file is missing.
    """
    values = {name: value for name, value in options.items() if value is not None}
    files = {name: _file(name, values[name]) for name in _FILES if values.get(name)}
    values |= {name: path.name for name, path in files.items()}
    assets = {path.name: path for path in (*settings.assets, *files.values())}
    return replace(settings, recipe=_recipe(settings.recipe, values), assets=tuple(assets.values()))


def _file(name: str, value: str) -> Path:
    path = Path(value)
    if not path.is_file():
        raise UsageError(
            f"{_option(name)}: {value} does not exist",
            hint="its path is relative to the directory you are in",
        )
    return path


def _recipe(recipe: Recipe, options: Mapping[str, Any]) -> Recipe:
    picture, limits = _values_of(Rendition, "", options), _values_of(Limits, "limits_", options)
    renditions = (
        _replaced(rendition, {**picture, "watermark": _watermark(rendition.watermark, options)}, "")
        for rendition in recipe.renditions
    )
    return Recipe(tuple(renditions), _replaced(recipe.limits, limits, "limits_"))


def _watermark(watermark: Watermark | None, options: Mapping[str, Any]) -> Watermark | None:
    values = _values_of(Watermark, "watermark_", options)
    if not options.get("watermark", watermark or values):
        return None
    no_image = {"image": ""} if "text" in values else {}
    return _replaced(watermark or Watermark(), {**no_image, **values}, "watermark_")


def _values_of(group: type[Group], prefix: str, options: Mapping[str, Any]) -> dict[str, Any]:
    return {f.name: options[prefix + f.name] for f in fields(group) if prefix + f.name in options}


def _replaced(group: G, values: Mapping[str, Any], prefix: str) -> G:
    try:
        return replace(group, **values)
    except InvalidSettingError as error:
        raise refusal(error.called(_option(prefix + error.name))) from None


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
