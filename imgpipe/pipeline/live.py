"""The settings that the deployed pipeline goes by, as its own resources tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, Final

from handler import schema
from handler.delivery_settings import DeliverySettings
from handler.page_settings import PageSettings
from handler.recipe import Recipe
from imgpipe.aws.errors import or_none, translated
from imgpipe.aws.function_state import snapshot
from imgpipe.engine.resource import Live, TaggedResource
from imgpipe.errors import OtherSettingsError
from imgpipe.pipeline import asset_changes, live_groups, own_domain
from imgpipe.pipeline.readers import READERS, RECIPE, one, variable
from imgpipe.resources.alias import Alias
from imgpipe.resources.function import Function
from imgpipe.resources.version import Version
from imgpipe.settings import checks, delivery_table, page_table
from imgpipe.settings.difference import Change, changes, flat, flat_tags

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline
    from imgpipe.settings import Settings

_KEEP: Final = "write down what is live, or give it up"


@dataclass(frozen=True)
class LiveSettings:
    """What is live, in the words of imgpipe.toml; what no resource tells is not in it.

    Attributes:
        values: by key; buckets by their names.
        tags: what every resource carries, imgpipe's own left out.
        recipe: ``None`` where there is no function, or none that this release can read.
        unreadable: why it cannot; else empty.
        page: the page's; ``None`` where there is no function that keeps it, or none that says.
        delivery: what is made on demand; ``None`` where there is no function that could say.
    """

    values: Mapping[str, Any]
    tags: Mapping[str, str]
    recipe: Recipe | None
    unreadable: str = ""
    page: PageSettings | None = None
    delivery: DeliverySettings | None = None


def serving(pipeline: Pipeline, live: Live) -> Live:
    """Return ``live`` with what its alias serves in its function's place.

    That is the newest version, which was read with the rest, or after a rollback an older one,
    which is asked for (``lambda:GetFunction``).
    """
    function, newest, alias = (one(live, kind) for kind in (Function, Version, Alias))
    if function is None or alias is None:
        return live
    kept = live[newest] if newest else {}
    if kept.get("Version") != live[alias]["FunctionVersion"]:
        with translated():
            kept = snapshot(served_function(pipeline)["Configuration"])
    return Live({**live, function: {**live[function], **kept}})


def served_function(pipeline: Pipeline) -> dict[str, Any]:
    """Return what GetFunction answers of the version that is served, or of a function without."""
    get = partial(pipeline.aws.client("lambda").get_function, FunctionName=pipeline.names.function)
    return dict(or_none(lambda: get(Qualifier=pipeline.names.alias)) or get())


def live_settings(pipeline: Pipeline, live: Live) -> LiveSettings:
    """Return the settings that ``live``, what ``serving`` returned, was made with."""
    told = {key: read(live, pipeline) for key, read in READERS.items()}
    values = {key: value for key, value in told.items() if value is not None}
    tags, page, delivery = _common_tags(live), live_groups.page_of(live), live_groups.delivery(live)
    text = RECIPE(live, pipeline)
    try:
        recipe = Recipe.from_json(text) if text else None
    except (ValueError, TypeError, AttributeError) as error:  # any JSON, or none
        return LiveSettings(values, tags, None, str(error), page, delivery)
    return LiveSettings(values, tags, recipe, page=page, delivery=delivery)


def changes_in(pipeline: Pipeline, live: Live) -> tuple[Change, ...]:
    """Return what a setup would change of the settings that ``live`` was made with."""
    found, settings = live_settings(pipeline, served := serving(pipeline, live)), pipeline.settings
    old = {**found.values, **flat_tags(found.tags), **(flat(found.recipe) if found.recipe else {})}
    new = {**_wanted(pipeline), **flat_tags(dict(settings.tags)), **flat(settings.recipe)}
    old |= page_table.flat(found.page) if found.page else {}
    new |= page_table.flat(settings.page)
    old |= delivery_table.counting(found.delivery, settings.delivery) if found.delivery else {}
    new |= delivery_table.counting(settings.delivery, settings.delivery)
    unknown = Change("picture", found.unreadable, "what is set here", default=True)
    made_by = variable(schema.FINGERPRINT)(served, pipeline)
    files = asset_changes.changes(found.recipe, made_by, settings.assets)
    told = (*changes(old, new, settings.origins), *files)
    return (unknown, *told) if found.unreadable else told


def refusal(settings: Settings, found: Sequence[Change]) -> OtherSettingsError | None:
    """Return the error if defaults would replace what is live and nobody here named."""
    lost = [change.label for change in found if change.default]
    if not lost:
        return None
    file = settings.file
    commands = ("config pull" if file is None else "config pull live.toml", "setup --reset")
    # The demo is on the embedded AWS without being told so.
    where = "--local " if settings.local else ""
    return OtherSettingsError(
        "this pipeline was made with other settings; a setup from here would put defaults in the"
        f" place of {', '.join(lost)}",
        hint=_KEEP if file is None else f"add to {file} what it lacks, {_KEEP}",
        next=tuple(f"{where}{command}" for command in commands),
    )


_LEFT: Final = ("permissions_boundary", "role_path", "domain")
"""What a setup leaves as it is where nobody names it."""


def _wanted(pipeline: Pipeline) -> dict[str, Any]:
    settings, names = pipeline.settings, pipeline.names
    buckets = {name: getattr(names, name) for name in ("source_bucket", "destination_bucket")}
    said = {key: getattr(settings, key) for key in READERS}
    left = {key for key, value in said.items() if value is None or (key in _LEFT and not value)}
    if (domain := own_domain.named(settings)) is None:
        left.add("certificate_arn")
    else:
        said["domain"] = domain
    return {key: value for key, value in said.items() if key not in left} | buckets


def _common_tags(live: Live) -> dict[str, str]:
    """Return the tags that all carry: somebody may have given one resource more."""
    all_tags = [
        properties["Tags"].items()
        for resource, properties in live.items()
        if isinstance(resource, TaggedResource)
    ]
    common = reduce(lambda some, more: some & more, map(set, all_tags)) if all_tags else set()
    return {key: value for key, value in sorted(common) if checks.tag.accepts((key, value))}
