"""Settings beside settings, key by key as imgpipe.toml has them: what a setup would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from handler.recipe import Recipe, Rendition, Watermark, web_preset
from imgpipe.settings.origin import Origin
from imgpipe.settings.picture_tables import TABLES, differing

_WEB: Final = frozenset(rendition.name for rendition in web_preset(Rendition()))


@dataclass(frozen=True)
class Change:
    """One setting that a setup would change.

    Attributes:
        key: where it stands: ``memory``, ``picture.width``, ``rendition.thumb.width``, or
            ``rendition.thumb`` for one that comes or goes.
        old: what is live; ``None`` = there is none.
        new: what comes in its place; ``None`` = nothing.
        default: whether nobody said so: no flag, no variable, no line of the settings file.
    """

    key: str
    old: Any
    new: Any
    default: bool

    @property
    def label(self) -> str:
        """The key as people find it in imgpipe.toml: ``[picture] width``, ``memory``."""
        table, _, name = self.key.partition(".")
        if table == "rendition":
            return f"[[rendition]] {name.replace('.', ' ')}"
        return f"[{table}] {name}" if name else table

    @property
    def of_pictures(self) -> bool:
        """Whether pictures come out otherwise."""
        return self.key.partition(".")[0] in TABLES


def flat(recipe: Recipe) -> dict[str, Any]:
    """Return every setting of ``recipe`` by its key; what watermarks lack has its default."""
    base, *named = recipe.renditions
    values = _flat_rendition(base, "picture", "watermark")
    for each in named:
        at = f"rendition.{each.name}"
        values |= {at: differing(each, base), **_flat_rendition(each, at, f"{at}.watermark")}
    limits = recipe.limits
    return values | {f"limits.{f.name}": getattr(limits, f.name) for f in fields(limits)}


def changes(
    old: Mapping[str, Any], new: Mapping[str, Any], origins: Mapping[str, Origin]
) -> tuple[Change, ...]:
    """Return what differs between ``old``, which is live, and ``new``, each flat by key.

    What is not known of the live is no difference, nor is a tag that only it has: a setup leaves
    it. What a rendition inherits is told once.
    """
    differing = {
        key: (old.get(key), new.get(key))
        for key in dict.fromkeys((*old, *new))
        if _compared(key, old, new) and old.get(key) != new.get(key)
    }
    return tuple(
        Change(key, *pair, default=not _said(key, pair[1], origins))
        for key, pair in differing.items()
        if differing.get(_inherited(key)) != pair
    )


def flat_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return every tag by its key."""
    return {f"tags.{key}": value for key, value in tags.items()}


def _flat_rendition(rendition: Rendition, at: str, mark_at: str) -> dict[str, Any]:
    mark = rendition.watermark
    own = {f"{at}.{f.name}": getattr(rendition, f.name) for f in fields(rendition)}
    marks = {f"{mark_at}.{f.name}": getattr(mark or Watermark(), f.name) for f in fields(Watermark)}
    return own | {f"{at}.watermark": mark is not None} | marks


def _compared(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    if _is_rendition(key):
        return (key in old) != (key in new)
    if key.startswith("tags."):
        return key in new
    return key in old and key in new and new.get(_switch(key), True) is True


def _is_rendition(key: str) -> bool:
    return key.startswith("rendition.") and key.count(".") == 1


def _switch(key: str) -> str:
    """Return the key that turns the watermark of ``key`` off; empty if it is no watermark's."""
    table, mark, _ = key.rpartition("watermark.")
    return (f"{table}watermark" if table else "picture.watermark") if mark else ""


def _inherited(key: str) -> str:
    """Return the key whose value a rendition has where it says nothing itself; else empty."""
    table, _, name = key.partition(".")
    _, _, name = name.partition(".")
    if table != "rendition" or not name:
        return ""
    return name if name.startswith("watermark.") else f"picture.{name}"


def _said(key: str, value: object, origins: Mapping[str, Origin]) -> bool:
    if _is_rendition(key) and value is not None:
        return True
    return key.startswith("tags.") or any(place in origins for place in _places(key, origins))


def _places(key: str, origins: Mapping[str, Origin]) -> Iterator[str]:
    """Yield every key that says what ``key`` is to be."""
    yield from (key, _inherited(key))
    if key.startswith("rendition."):
        yield _switch(key)  # an inline table's own line
        if key.split(".")[1] in _WEB:
            yield "preset"
    if key == "picture.watermark":
        yield from (place for place in origins if place.startswith("watermark."))
    if key.endswith("_bucket"):
        yield "prefix"
