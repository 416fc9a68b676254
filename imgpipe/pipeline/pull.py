"""The live settings as an imgpipe.toml, its watermarks' files beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile, ZipFile

from imgpipe import cdn
from imgpipe.engine.reads import read_all, require_ours
from imgpipe.engine.resource import Live, Resource
from imgpipe.errors import ServiceError, SettingsError, not_set_up
from imgpipe.package.code import ASSETS
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.live import LiveSettings, live_settings, served_function, serving
from imgpipe.pipeline.names import Names
from imgpipe.pipeline.readers import KINDS, READERS
from imgpipe.resources.alias import Alias
from imgpipe.resources.function import Function
from imgpipe.resources.index_page import IndexPage
from imgpipe.resources.version import Version
from imgpipe.settings import delivery_table, page_table, picture_tables
from imgpipe.settings.origin import Kind
from imgpipe.settings.toml import document

if TYPE_CHECKING:
    from handler.page_settings import PageSettings
    from handler.recipe import Recipe
    from imgpipe.pipeline import Pipeline
    from imgpipe.settings import Settings

_WHERE: Final = ("region", "stage", "prefix")
"""They lead to the pipeline, whoever said them; the others of this machine stay if a file did."""
_HEAD: Final = """# The live settings of stage {stage!r} in {region}, by `imgpipe config pull`.
# What is not here has its default.

"""


@dataclass(frozen=True)
class Pulled:
    """What is live: ``values`` as imgpipe.toml has them, ``text`` as it, ``assets`` by name."""

    values: Mapping[str, Any]
    text: str
    assets: Mapping[str, bytes]

    def files(self, path: Path) -> dict[Path, bytes]:
        """Return what to write for a settings file at ``path``, which comes last."""
        beside = {path.parent / name: content for name, content in self.assets.items()}
        return beside | {path: self.text.encode()}


def pull(pipeline: Pipeline) -> Pulled:
    """Return the settings that the deployed pipeline was made with.

    Raises:
        NotSetUpError: there is no function.
        NotOursError: there is one, and it is not this pipeline's.
        SettingsError: this release cannot read them.
        ServiceError: a watermark's file cannot be fetched.
    """
    there = located(pipeline, _live(pipeline, (Function, Version, Alias)))
    found = live_settings(there, _live(there, KINDS))
    if found.unreadable:
        raise SettingsError(
            f"this release cannot read the live settings: {found.unreadable}",
            hint="a newer imgpipe may have made them: update yours",
        )
    if found.recipe is None:
        raise not_set_up()
    told = values(pipeline, found, found.recipe)
    head = _HEAD.format(stage=pipeline.settings.stage, region=pipeline.aws.region)
    files = _assets(pipeline, found.recipe) | _template(there, found.page)
    return Pulled(told, head + document(told), files)


def located(pipeline: Pipeline, live: Live) -> Pipeline:
    """Return ``pipeline`` with the buckets that its live function knows: others tell nothing."""
    buckets = {
        name: bucket
        for name in ("source_bucket", "destination_bucket")
        if (bucket := READERS[name](live, pipeline))
    }
    settings = replace(pipeline.settings, **buckets)
    return replace(pipeline, settings=settings, names=replace(pipeline.names, **buckets))


def _live(pipeline: Pipeline, kinds: tuple[type[Resource], ...]) -> Live:
    resources = [resource for resource in declared(pipeline) if isinstance(resource, kinds)]
    reads = read_all(resources, pipeline.aws)
    found = ((resource, require_ours(resource, reads)) for resource in resources)
    return serving(pipeline, Live({each: live for each, live in found if live is not None}))


def values(pipeline: Pipeline, found: LiveSettings, recipe: Recipe) -> dict[str, Any]:
    """Return what an imgpipe.toml must say for a setup to find it all as it is."""
    settings = pipeline.settings
    plain = replace(settings, source_bucket="", destination_bucket="")
    names = Names.of(plain, pipeline.aws.account, pipeline.aws.region)
    told = {
        key: value
        for key, value in found.values.items()
        if value != getattr(names, key, getattr(type(settings), key))
    }
    tags = {"tags": dict(found.tags)} if found.tags else {}
    groups = {page_table.TABLE: found.page, delivery_table.TABLE: found.delivery}
    tables = picture_tables.tables(recipe) | {
        name: values for name, group in groups.items() if group and (values := group.to_mapping())
    }
    return {**_kept(settings), **told, **tags, **tables}


def _kept(settings: Settings) -> dict[str, Any]:
    """Return what no resource tells, and the new file must say as the old one does."""
    kept = [
        key
        for key, origin in settings.origins.items()
        if hasattr(settings, key) and key not in {*READERS, "preset"}
        if origin.kind is Kind.FILE or key in _WHERE
    ]
    return {key: getattr(settings, key) for key in kept}


def _assets(pipeline: Pipeline, recipe: Recipe) -> dict[str, bytes]:
    names = [path.name for path in picture_tables.asset_paths(recipe, Path())]
    return _fetched(pipeline, names) if names else {}


def _template(pipeline: Pipeline, page: PageSettings | None) -> dict[str, bytes]:
    """Return the page's files as a template, where they are of one; what was filled in stays."""
    if page is None or not page.template:
        return {}
    (index_page,) = (each for each in declared(pipeline) if isinstance(each, IndexPage))
    found = index_page.read(pipeline.aws) or {"Files": {}}
    get = partial(pipeline.aws.client("s3").get_object, Bucket=pipeline.names.destination_bucket)
    return {f"{page.template}/{key}": get(Key=key)["Body"].read() for key in found["Files"]}


def _fetched(pipeline: Pipeline, names: Sequence[str]) -> dict[str, bytes]:
    """Fetch the function's code; return the content of the files ``names`` in it."""
    reply = cdn.fetch(served_function(pipeline)["Code"]["Location"])
    try:
        with ZipFile(BytesIO(reply.body)) as code:
            return {name: code.read(f"{ASSETS}/{name}") for name in names}
    except (BadZipFile, KeyError) as error:
        raise ServiceError(
            f"the function's code, which holds {', '.join(names)}, cannot be read: {error}",
            hint="run the command again; if it stays, add --debug",
        ) from None
