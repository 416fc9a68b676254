"""The whole pipeline's coming and going: what the commands setup, status, teardown and demo do, without their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgpipe import cdn
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Event, State
from imgpipe.engine.resource import Properties
from imgpipe.errors import ImgpipeError, not_set_up
from imgpipe.package.bytecode import compiler
from imgpipe.pipeline.declaration import RUNTIME, everything, pipeline, target_python
from imgpipe.resources.distribution import Distribution, wait_deployed
from imgpipe.resources.layer_version import check_layer_arn
from imgpipe.settings import assets

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pipeline.names import Names
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


def check(settings: Settings, aws: Aws) -> None:
    """Refuse what AWS would refuse half-way through, before anything is changed; ``PackageError`` for a layer that does not fit."""
    if settings.pillow_layer_arn:
        check_layer_arn(aws, settings.pillow_layer_arn, settings.architecture, RUNTIME)


def setup(settings: Settings, names: Names, aws: Aws) -> Iterator[Event]:
    """Bring the account to what the settings say, resource by resource.

    Raises as ``check``; ``SettingsError`` for a watermark's file that is gone. Failures are events.
    """
    check(settings, aws)
    assets.contents(settings.assets)
    yield from reconcile.setup(pipeline(settings, names, aws), aws)


def plan(settings: Settings, names: Names, aws: Aws) -> list[Event]:
    """Return what ``setup`` would do with each resource, in the order they are declared; nothing is written. Raises as ``check``."""
    check(settings, aws)
    resources = pipeline(settings, names, aws)
    planned = {event.resource: event for event in reconcile.plan(resources, aws)}
    return [planned[resource] for resource in resources]


def teardown(settings: Settings, names: Names, aws: Aws) -> Iterator[Event]:
    """Delete everything that is ours, the distribution's long way down included."""
    return reconcile.teardown(everything(settings, names, aws), aws)


def succeeded(events: Sequence[Event], command: str) -> None:
    """Raise ``ImgpipeError`` if any resource failed, naming how many, and the command that goes on from here."""
    failed = [event for event in events if event.state is State.FAILED]
    blocked = [event for event in events if event.state is State.BLOCKED]
    if failed:
        waiting = f", {len(blocked)} more waited for them" if blocked else ""
        raise ImgpipeError(
            f"{len(failed)} of {len(events)} resources failed{waiting}",
            hint="mend what is said above, then run it again",
            next=(command,),
        )


def outputs(settings: Settings, names: Names, aws: Aws) -> Outputs:
    """Return the pipeline's address and names; ``NotSetUpError`` while there is no distribution."""
    found = distribution(settings, names, aws)
    return Outputs(
        url=cdn.url(aws, found["DomainName"], ""),
        source_bucket=names.source_bucket,
        destination_bucket=names.destination_bucket,
        table=names.table,
        function=names.function,
        distribution_id=found["Id"],
    )


def remarks(settings: Settings) -> list[str]:
    """Return what works but could be better, for people: so far, function code deployed without bytecode."""
    python = target_python(settings)
    if compiler(python):
        return []
    return [
        f"without a python{python} on the PATH the code goes without bytecode, and cold starts take about a third longer"
    ]


def distribution(settings: Settings, names: Names, aws: Aws) -> Properties:
    """Return the live distribution's ``Id``, ``DomainName`` and the rest; ``NotSetUpError`` when there is none."""
    (declared,) = (
        each for each in pipeline(settings, names, aws) if isinstance(each, Distribution)
    )
    found = declared.read(aws)
    if found is None:
        raise not_set_up()
    return found


def wait(aws: Aws, of: Outputs) -> None:
    """Wait until the distribution is deployed to every edge; ``NotSettledError`` after half an hour."""
    wait_deployed(aws, of.distribution_id)
