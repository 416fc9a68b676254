"""A watermark's files beside the live ones of the same names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imgpipe.package import fingerprint
from imgpipe.settings.difference import Change
from imgpipe.settings.picture_tables import asset_paths

if TYPE_CHECKING:
    from handler.recipe import Recipe


def changes(recipe: Recipe | None, told: str | None, assets: Sequence[Path]) -> tuple[Change, ...]:
    """Return a change where the live function was made with files of other content than ``assets``.

    ``recipe`` is the live one, and ``told`` the live fingerprint; which of several files it is that
    does not say. Where the names differ, the recipes do, too.
    """
    names = sorted({path.name for path in assets})
    if recipe is None or not told or not names or names != _names(recipe):
        return ()
    if _of_recipe(told) == _of_recipe(fingerprint(recipe, assets)):
        return ()
    listed = ", ".join(names)
    return (Change("watermark", listed, f"{listed}, of other content", default=False),)


def _names(recipe: Recipe) -> list[str]:
    return sorted({path.name for path in asset_paths(recipe, Path())})


def _of_recipe(text: str) -> str:
    """Return the half of a fingerprint that stands for the recipe and its files."""
    return text.partition(".")[0]
