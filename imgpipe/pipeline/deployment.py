"""The whole pipeline's coming and going: what setup, teardown and demo do, without their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgpipe import cdn
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Event, State
from imgpipe.errors import ImgpipeError, not_set_up
from imgpipe.package.bytecode import compiler
from imgpipe.pipeline.declaration import declared, everything, target_python
from imgpipe.pipeline.retention import retained
from imgpipe.resources.distribution import Distribution, wait_deployed
from imgpipe.resources.layer_version import check_layer_arn
from imgpipe.settings import assets

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pipeline import Pipeline
    from imgpipe.settings import Settings


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
    """A setup that succeeded: how each resource ended, and what a person needs to go on."""

    events: Sequence[Event]
    outputs: Outputs


def require_layer_fits(pipeline: Pipeline) -> None:
    """Raise ``PackageError`` for a foreign layer that AWS would refuse half-way through."""
    settings = pipeline.settings
    if settings.pillow_layer_arn:
        arn = settings.pillow_layer_arn
        check_layer_arn(pipeline.aws, arn, settings.architecture, settings.runtime)


def require_assets(pipeline: Pipeline) -> None:
    """Raise ``SettingsError`` for a watermark's file that cannot be deployed."""
    assets.contents(pipeline.settings.assets)


def setup(pipeline: Pipeline) -> Iterator[Event]:
    """Bring the account to what the settings say; yield each resource's start and end.

    A resource's failure is an event.

    Raises:
        PackageError: see ``require_layer_fits``; nothing was changed.
        SettingsError: see ``require_assets``; nothing was changed.
    """
    require_layer_fits(pipeline)
    require_assets(pipeline)
    yield from reconcile.setup(declared(pipeline), pipeline.aws)


def plan(pipeline: Pipeline) -> list[Event]:
    """Return what ``setup`` would do with each resource, in their order; nothing is written.

    Raises as ``require_layer_fits``.
    """
    require_layer_fits(pipeline)
    resources = declared(pipeline)
    planned = {event.resource: event for event in reconcile.plan(resources, pipeline.aws)}
    return [planned[resource] for resource in resources]


def teardown(pipeline: Pipeline) -> Iterator[Event]:
    """Delete what is ours and not to stay, the distribution included, which takes minutes.

    Raises:
        ProtectedError: the pipeline is protected; nothing was deleted.
    """
    return reconcile.teardown(everything(pipeline), pipeline.aws, retained(pipeline))


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
        url=cdn.url(pipeline.aws, live[Distribution]["DomainName"], ""),
        source_bucket=names.source_bucket,
        destination_bucket=names.destination_bucket,
        table=names.table,
        function=names.function,
        distribution_id=live[Distribution]["Id"],
    )


def remarks(settings: Settings) -> list[str]:
    """Return what works and could be better: so far, function code without bytecode."""
    python = target_python(settings)
    if compiler(python):
        return []
    slower = "and cold starts take about a third longer"
    return [f"without a python{python} on the PATH the code goes without bytecode, {slower}"]


def wait(aws: Aws, distribution_id: str) -> None:
    """Wait until every edge has the distribution; ``NotSettledError`` after half an hour."""
    wait_deployed(aws, distribution_id)
