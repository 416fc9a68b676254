"""What a teardown leaves standing, as the settings say it and as the resources themselves do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from imgpipe.engine.resource import PROTECT_TAG, RETAIN_TAG
from imgpipe.engine.standing import Retained, told_to_stay
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.table import Table

if TYPE_CHECKING:
    from imgpipe.engine.resource import Live, Properties, Resource
    from imgpipe.pipeline import Pipeline
    from imgpipe.pipeline.names import Names
    from imgpipe.settings import Settings


def tags(settings: Settings, what: str) -> tuple[tuple[str, str], ...]:
    """Return the tags by which ``what`` (a word of ``retain``) remembers the settings.

    What the settings do not speak of has none, so a setup without them leaves it as it is.
    """
    said = {}
    if settings.protect is not None:
        said[PROTECT_TAG] = str(settings.protect).lower()
    if settings.retain is not None:
        said[RETAIN_TAG] = str(what in settings.retain).lower()
    return tuple(said.items())


def retained(pipeline: Pipeline) -> Retained:
    """Return what says which resources stay: the settings, or, where they are silent, the tags."""
    if pipeline.settings.retain is None:
        return told_to_stay
    known = _retainable(pipeline.names)
    kept = {known[what] for what in pipeline.settings.retain}
    return lambda resource, _: (resource.type, resource.name) in kept


def protected(live: Live) -> bool | None:
    """Return what the tags say of ``protect``; ``None`` where they say nothing."""
    said = {properties["Tags"].get(PROTECT_TAG) for properties in _remembering(live).values()}
    return None if said <= {None} else "true" in said


def kept(live: Live, names: Names) -> tuple[str, ...] | None:
    """Return what the tags say of ``retain``; ``None`` where they say nothing."""
    said = {
        (each.type, each.name): properties["Tags"].get(RETAIN_TAG)
        for each, properties in _remembering(live).items()
    }
    if set(said.values()) <= {None}:
        return None
    return tuple(what for what, each in _retainable(names).items() if said.get(each) == "true")


def _remembering(live: Live) -> Mapping[Resource, Properties]:
    return {each: found for each, found in live.items() if isinstance(each, Bucket | Table)}


def _retainable(names: Names) -> dict[str, tuple[str, str]]:
    """Return type and name of each word of ``retain``."""
    return {
        "source": (Bucket.type, names.source_bucket),
        "destination": (Bucket.type, names.destination_bucket),
        "table": (Table.type, names.table),
    }
