"""THE declaration: what stands in the account, and what depends on what.

    photo -> source bucket -> trigger -> alias -> function -> destination bucket -> distribution
                                           |         |                                   |
                                   failure queue   table -> page trigger -> page function

Everything else - setup, its dry run, status, teardown - is a walk over the tuple this returns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handler.gallery import INDEX_KEY
from handler.schema import Removed
from imgpipe.engine.resource import OWNER_TAG, Resource, with_unwanted
from imgpipe.gallery.page import ENTRY
from imgpipe.package import HandlerCode
from imgpipe.pipeline import function_ground, jobs, own_domain, retention
from imgpipe.pipeline.alarms import alarms
from imgpipe.pipeline.delivery import delivery
from imgpipe.pipeline.execution_role import execution_role
from imgpipe.pipeline.page import PAGE_MEMORY_MB, page_function
from imgpipe.resources.alias import Alias
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_notification import CREATED, REMOVED, BucketNotification
from imgpipe.resources.bucket_policy import BucketPolicy
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.event_invoke_config import EventInvokeConfig
from imgpipe.resources.event_source_mapping import EventSourceMapping
from imgpipe.resources.function import Function
from imgpipe.resources.gallery_data import GalleryData
from imgpipe.resources.index_page import IndexPage
from imgpipe.resources.log_group import LogGroup
from imgpipe.resources.origin_access_control import OriginAccessControl
from imgpipe.resources.permission import Permission
from imgpipe.resources.queue import Queue
from imgpipe.resources.self_test import SelfTest
from imgpipe.resources.table import Table
from imgpipe.resources.version import Version
from imgpipe.settings.domain import NONE

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline
    from imgpipe.resources.certificate import Certificate
    from imgpipe.settings import Settings

Tags = tuple[tuple[str, str], ...]


def declared(pipeline: Pipeline) -> tuple[Resource, ...]:
    """Return every resource of ``pipeline``, dependencies before dependents; nothing is called.

    Raises:
        SettingsError: a bucket is to be adopted that is neither source nor destination.
    """
    return _declared(pipeline, own_domain.certificate(pipeline, _tags(pipeline.settings)))


def concerned(pipeline: Pipeline) -> tuple[Resource, ...]:
    """Return what a setup has to do with: what is ``declared``, and what was switched off.

    Raises as ``declared``.
    """
    return with_unwanted(declared(pipeline))


def _declared(pipeline: Pipeline, certificate: Certificate | None) -> tuple[Resource, ...]:
    settings, names = pipeline.settings, pipeline.names
    names.require_buckets(settings.adopt)
    tags = _tags(settings)

    source = _bucket(pipeline, names.source_bucket, "source", tags)
    destination = _bucket(pipeline, names.destination_bucket, "destination", tags)
    table = Table(
        names.table,
        tags + retention.tags(settings, "table"),
        deletion_protection=settings.deletion_protection,
        keep_backup=settings.keep_backup,
    )
    queue = Queue(names.queue, tags)
    log_group = LogGroup(names.log_group, tags, retention_days=settings.log_retention_days)
    role = execution_role(pipeline, tags, source, destination)
    layer = None if settings.pillow_layer_arn else function_ground.layer(settings, names)

    function = Function(
        names.function,
        tags,
        role=role,
        log_group=log_group,
        layer=layer,
        layer_arn=settings.pillow_layer_arn,
        code=HandlerCode(settings.assets, function_ground.target_python(settings)),
        runtime=settings.runtime,
        architecture=settings.architecture,
        memory=settings.memory,
        timeout=settings.timeout,
        environment=function_ground.environment(settings, names),
    )
    version = Version(names.function, function=function)
    self_test = SelfTest(
        "self-test",
        version=version,
        alias=names.alias,
        role=role,
        table=table,
        source=source,
        destination=destination,
    )
    alias = Alias(names.alias, version=version, self_test=self_test)
    failures = EventInvokeConfig("failures", alias=alias, queue=queue)
    permission = Permission(f"imgpipe-s3-{names.alias}", alias=alias, bucket=source)
    notification = BucketNotification(
        "imgpipe",
        bucket=source,
        alias=alias,
        permission=permission,
        failures=failures,
        events=CREATED + (REMOVED if pipeline.settings.removed == Removed.FOLLOW else ()),
    )

    origin_access_control = OriginAccessControl(names.origin_access_control)
    on_demand = delivery(pipeline, source, function)
    distribution = Distribution(
        names.distribution,
        tags,
        origin=destination,
        origin_access_control=origin_access_control,
        domain=own_domain.named(settings),
        certificate=certificate,
        certificate_arn=settings.certificate_arn,
        function_url=on_demand.url,
        url_access_control=on_demand.access_control,
        edge_function=on_demand.edge_function,
    )
    source_policy = BucketPolicy(f"{source.name} policy", bucket=source)
    destination_policy = BucketPolicy(
        f"{destination.name} policy", bucket=destination, distribution=distribution
    )
    index_page = IndexPage(
        ENTRY,
        bucket=destination,
        settings=settings.page,
        wanted=settings.page.public,
        template=settings.template,
        widths=settings.delivery.widths if settings.delivery.open_to_all else (),
    )
    keeper = page_function(pipeline, function, destination, distribution)
    page_trigger = EventSourceMapping(
        f"{names.table} to {names.page_function}", function=keeper, table=table, queue=queue
    )
    page_data = GalleryData(
        INDEX_KEY,
        bucket=destination,
        function=keeper,
        table=table,
        trigger=page_trigger,
        wanted=settings.page.public,
    )

    return (
        source,
        destination,
        table,
        queue,
        log_group,
        role,
        *([layer] if layer else []),
        function,
        version,
        self_test,
        alias,
        failures,
        permission,
        notification,
        origin_access_control,
        *([certificate] if certificate else []),
        distribution,
        *own_domain.around(pipeline, tags, distribution),
        source_policy,
        destination_policy,
        index_page,
        *([] if keeper.role == role else [keeper.role]),
        keeper,
        page_trigger,
        page_data,
        *(on_demand.resources(distribution) if settings.delivery.enabled else ()),
        *(alarms(pipeline, tags, PAGE_MEMORY_MB) if settings.alarms else ()),
    )


def everything(pipeline: Pipeline) -> tuple[Resource, ...]:
    """Return all that any settings may have made under these names.

    That is our own layer and role too, if foreign ones took their place since, and whatever domain
    it had. Nothing is adopted here.
    """
    ours = replace(pipeline.settings, pillow_layer_arn="", role_arn="", certificate_arn="")
    settings = replace(ours, adopt=(), domain=NONE)
    certificates = own_domain.certificates(pipeline, _tags(settings))
    found = _declared(replace(pipeline, settings=settings), certificates)
    more = () if settings.alarms else alarms(pipeline, _tags(settings), PAGE_MEMORY_MB)
    return (*with_unwanted(found), *jobs.ground(pipeline), *more)


def _tags(settings: Settings) -> Tags:
    return ((OWNER_TAG, settings.stage), *settings.tags)


def _bucket(pipeline: Pipeline, name: str, what: str, tags: Tags) -> Bucket:
    settings = pipeline.settings
    return Bucket(
        name,
        tags + retention.tags(settings, what),
        title=f"{what} bucket",
        adopt=settings.adopt,
    )
