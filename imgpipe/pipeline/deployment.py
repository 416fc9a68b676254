"""The whole pipeline's coming and going: what setup, teardown and demo do, without their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgpipe import cdn
from imgpipe.aws import policies
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, Event, State
from imgpipe.engine.reads import Reads, ours, read_for_setup, require_usable
from imgpipe.engine.resource import Live
from imgpipe.errors import ImgpipeError, not_set_up
from imgpipe.gallery.page import template_files
from imgpipe.pipeline import given_role, own_domain
from imgpipe.pipeline.declaration import concerned, declared, everything
from imgpipe.pipeline.execution_role import policy_of_both
from imgpipe.pipeline.live import changes_in
from imgpipe.pipeline.retention import retained
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.layer_version import check_layer_arn
from imgpipe.settings import assets
from imgpipe.settings.difference import Change

if TYPE_CHECKING:
    from imgpipe.engine.resource import Resource
    from imgpipe.pipeline import Pipeline


@dataclass(frozen=True)
class Outputs:
    """What a person needs to go on: the address, and the names behind it."""

    url: str
    source_bucket: str
    destination_bucket: str
    table: str
    function: str
    distribution_id: str


@dataclass(frozen=True)
class Deployed:
    """A setup that succeeded: how all ended, what of the settings changed, and what one needs."""

    events: Sequence[Event]
    outputs: Outputs
    changes: Sequence[Change] = ()


@dataclass(frozen=True)
class Seen:
    """What stands before a setup: all that was read, and what of the settings would change."""

    reads: Reads
    changes: Sequence[Change]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What a setup has to do with: what is wanted, and what stands and is not."""
        return tuple(each for each, read in self.reads.items() if each.wanted or read.result())

    @property
    def leaving(self) -> tuple[Resource, ...]:
        """What of them was switched off."""
        return tuple(each for each in self.resources if not each.wanted)


@dataclass(frozen=True)
class Plan:
    """What a setup would do with each resource, and what of the settings would change."""

    events: Sequence[Event]
    changes: Sequence[Change]

    @property
    def leaving(self) -> tuple[Resource, ...]:
        """What stands and was switched off."""
        return tuple(each.resource for each in self.events if each.action is Action.DELETE)


def require_layer_fits(pipeline: Pipeline) -> None:
    """Raise ``PackageError`` for a foreign layer that AWS would refuse half-way through."""
    settings = pipeline.settings
    if settings.pillow_layer_arn:
        arn = settings.pillow_layer_arn
        check_layer_arn(pipeline.aws, arn, settings.architecture, settings.runtime)


def require_role_fits(pipeline: Pipeline) -> list[str]:
    """Check a role of one's own; return what could not be looked at, in words.

    Raises:
        SettingsError: see ``given_role.require_fit``; better said before anything is made.
    """
    if not pipeline.settings.role_arn:
        return []
    buckets = [each for each in declared(pipeline) if isinstance(each, Bucket)]
    source, destination = [
        (bucket.read(pipeline.aws) or {}).get("KmsKeyArn", "") for bucket in buckets
    ]
    keys = policies.key_statements(source, destination)
    of_page = policies.key_statements(destination, "")
    needed = policies.extended(policy_of_both(pipeline), (*keys, *of_page))
    return given_role.require_fit(pipeline.aws, pipeline.settings.role_arn, needed)


def require_assets(pipeline: Pipeline) -> None:
    """Raise ``SettingsError`` for a watermark's file, or a template, that cannot be deployed."""
    assets.contents(pipeline.settings.assets)
    template_files(pipeline.settings.template)


def look(pipeline: Pipeline) -> Seen:
    """Read all that stands before a setup, and what that would change of the settings.

    Raises:
        NotOursError: something of somebody else's stands under one of the names.
        PackageError: see ``require_layer_fits``.
        SettingsError: see ``require_assets`` and ``own_domain.require_fits``.
    """
    require_layer_fits(pipeline)
    require_assets(pipeline)
    resources = concerned(pipeline)
    reads = read_for_setup(resources, pipeline.aws)
    for resource in resources:
        require_usable(resource, reads)
    live = Live(ours(reads))
    own_domain.require_fits(pipeline, live)
    return Seen(reads, changes_in(pipeline, live))


def setup(pipeline: Pipeline, seen: Seen | None = None) -> Iterator[Event]:
    """Bring the account to what the settings say; yield each resource's start and end.

    A resource's failure is an event. ``seen`` is what ``look`` has just returned; without it,
    this looks first, and raises as that: nothing was changed then.
    """
    before = seen or look(pipeline)
    yield from filter(_told, reconcile.setup(concerned(pipeline), pipeline.aws, before.reads))


def plan(pipeline: Pipeline) -> Plan:
    """Return what ``setup`` would do with each resource, in their order; nothing is written.

    Raises as ``require_layer_fits`` and ``own_domain.require_fits``.
    """
    require_layer_fits(pipeline)
    resources = concerned(pipeline)
    planned = {event.resource: event for event in reconcile.plan(resources, pipeline.aws)}
    live = Live({resource: event.live for resource, event in planned.items() if event.live})
    own_domain.require_fits(pipeline, live)
    told = [planned[each] for each in resources if _told(planned[each])]
    return Plan(told, changes_in(pipeline, live))


def teardown(pipeline: Pipeline) -> Iterator[Event]:
    """Delete what is ours and not to stay, the distribution included, which takes minutes.

    Nothing is said of what nobody asked for and is not there.

    Raises:
        ProtectedError: the pipeline is protected; nothing was deleted.
    """
    stays = retained(pipeline)
    yield from filter(_told, reconcile.teardown(everything(pipeline), pipeline.aws, stays))


def _told(event: Event) -> bool:
    """Say whether an event is worth telling: nobody asked for what is only sought, and absent."""
    return bool(event.error) or event.action is not Action.NONE or not event.resource.sought


def raise_for_failures(events: Sequence[Event], command: str) -> None:
    """Raise ``ImgpipeError`` if any resource failed; ``command`` is what goes on from here."""
    failed = [event for event in events if event.state is State.FAILED]
    blocked = [event for event in events if event.state is State.BLOCKED]
    if failed:
        waiting = f", {len(blocked)} more waited for them" if blocked else ""
        raise ImgpipeError(
            f"{len(failed)} of {len(events)} resources failed{waiting}",
            hint="mend what is said above, then run it again",
            next=(command,),
        )


def outputs(pipeline: Pipeline, events: Sequence[Event]) -> Outputs:
    """Return the address and the names, given the final events of a setup or a plan.

    Raises:
        NotSetUpError: there is no distribution.
    """
    live = {type(event.resource): event.live for event in events if event.live}
    if Distribution not in live:
        raise not_set_up()
    names = pipeline.names
    return Outputs(
        url=cdn.url(pipeline.aws, own_domain.address(live[Distribution]), ""),
        source_bucket=names.source_bucket,
        destination_bucket=names.destination_bucket,
        table=names.table,
        function=names.function,
        distribution_id=live[Distribution]["Id"],
    )
