"""The whole pipeline's coming and going: what setup, teardown and demo do, without their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgpipe import cdn
from imgpipe.aws import policies
from imgpipe.aws.bucket_settings import stronger_encryption
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Event, State
from imgpipe.errors import ImgpipeError, not_set_up
from imgpipe.package.bytecode import compiler
from imgpipe.pipeline import given_role
from imgpipe.pipeline.declaration import (
    declared,
    everything,
    target_python,
)
from imgpipe.pipeline.execution_role import execution_policy
from imgpipe.pipeline.retention import retained
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.distribution import Distribution, wait_deployed
from imgpipe.resources.layer_version import check_layer_arn
from imgpipe.settings import assets

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
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
    """A setup that succeeded: how each resource ended, and what a person needs to go on."""

    events: Sequence[Event]
    outputs: Outputs


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
    keys = [(bucket.read(pipeline.aws) or {}).get("KmsKeyArn", "") for bucket in buckets]
    needed = policies.extended(execution_policy(pipeline), policies.key_statements(*keys))
    return given_role.require_fit(pipeline.aws, pipeline.settings.role_arn, needed)


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


def remarks(pipeline: Pipeline, events: Sequence[Event]) -> list[str]:
    """Return what a setup could not do by itself, and what works and could be better."""
    python, notes = target_python(pipeline.settings), []
    if not compiler(python):
        slower = "and cold starts take about a third longer"
        notes = [f"without a python{python} on the PATH the code goes without bytecode, {slower}"]
    live = {event.resource.name: event.live for event in events if event.live}
    destination = live.get(pipeline.names.destination_bucket)
    if destination and stronger_encryption(destination):
        notes.append(_key_note(destination["KmsKeyArn"]))
    return notes


def _key_note(key: str) -> str:
    """Return who must allow CloudFront to use the destination bucket's key: not we, whose it isn't.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    if not key:
        return (
            "the destination bucket is encrypted with AWS's own key, which CloudFront may never "
            "use: give the bucket a key of yours, or SSE-S3, or no picture is seen"
        )
    return (
        f"until the policy of {key} allows cloudfront.amazonaws.com kms:Decrypt on condition that "
        "AWS:SourceArn is the distribution's ARN, no picture is seen"
    )


def wait(aws: Aws, distribution_id: str) -> None:
    """Wait until every edge has the distribution; ``NotSettledError`` after half an hour."""
    wait_deployed(aws, distribution_id)
