"""From the words of a path to the rendition that they ask for: the recipe's own, but for its size.

Watermark, metadata, colour and limits are the recipe's, whatever is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from handler.recipe import Recipe, Rendition

# The longest side that a format can hold: no bound.
_UNBOUNDED: Final = 16383


def variant(recipe: Recipe, words: Mapping[str, str], most_bytes: int) -> Recipe | None:
    """Return the recipe of the one rendition of ``words``; ``None`` where there is none such.

    A result over ``most_bytes`` is made smaller by its quality, where its format has any.
    """
    name = words.get("rendition", "")
    for own in recipe.renditions:
        if own.name == name:
            with suppress(ValueError):
                return replace(recipe, renditions=(_changed(own, words, most_bytes),))
    return None


def _changed(own: Rendition, words: Mapping[str, str], most_bytes: int) -> Rendition:
    told: dict[str, Any] = {name: words[name] for name in ("gravity", "format") if name in words}
    if "quality" in words:
        told["quality"] = int(words["quality"])
    fitted = replace(own, fit=words.get("fit", own.fit), **told)
    bound = min(own.max_bytes or most_bytes, most_bytes)
    width, height = _box(fitted, words)
    return replace(fitted, width=width, height=height, pages="first", max_bytes=bound)


def _box(fitted: Rendition, words: Mapping[str, str]) -> tuple[int, int]:
    """Return the box; a side that is not asked for follows, in the box's proportion or freely."""
    width, height = (int(words.get(side, 0)) for side in ("width", "height"))
    if not width and not height:
        return fitted.width, fitted.height
    if fitted.fit == "inside":
        return width or _UNBOUNDED, height or _UNBOUNDED
    scale = width / fitted.width if width else height / fitted.height
    return width or _side(fitted.width * scale), height or _side(fitted.height * scale)


def _side(length: float) -> int:
    return min(_UNBOUNDED, max(1, round(length)))
