"""What stands and what is left: a look before a teardown, and the proof after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from imgpipe.aws.backups import Backup, awaited_backups, backups
from imgpipe.aws.errors import denied
from imgpipe.aws.objects import count_versions
from imgpipe.engine import standing
from imgpipe.engine.graph import Action, Event
from imgpipe.engine.resource import OWNER_TAG
from imgpipe.errors import ImgpipeError, NotSettledError
from imgpipe.pipeline import jobs
from imgpipe.pipeline.declaration import everything
from imgpipe.pipeline.retention import retained
from imgpipe.resources import bucket_adoption
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.certificate import Certificate
from imgpipe.resources.layer_version import LayerVersion
from imgpipe.resources.table import Table

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Resource
    from imgpipe.pipeline import Pipeline


@dataclass(frozen=True)
class Inventory:
    """What stands, and what a teardown would do with it.

    ``objects`` says how many objects and versions each bucket holds, ``objects.COUNTED`` at most.
    ``notes`` are sentences on what is not to be seen from that.
    """

    account: str
    region: str
    stage: str
    departures: Mapping[Resource, Action]
    objects: Mapping[str, int]
    notes: Sequence[str] = ()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All that stands."""
        return tuple(self.departures)

    @property
    def leaving(self) -> tuple[Resource, ...]:
        """What a teardown would not leave as it is."""
        return tuple(each for each, action in self.departures.items() if action != Action.RETAIN)

    @property
    def given_back(self) -> dict[Bucket, int]:
        """The buckets that were there before, each with how much it holds."""
        return {
            each: self.objects[each.name]
            for each, action in self.departures.items()
            if action is Action.GIVE_BACK and isinstance(each, Bucket)
        }


@dataclass(frozen=True)
class Proof:
    """That nothing of ours is left: how many resources were looked for.

    ``leftovers`` are the ARNs of what older settings made and left behind; ``None`` where the
    credentials may not search by tag. ``foreign`` says what stands under our names and does not
    carry our tag. ``kept`` says what was to stay, ``given_back`` how much the buckets that were
    there before held before the teardown, and hold now. ``backups`` are what DynamoDB keeps of the
    table; ``None`` where the credentials may not look.
    """

    checked: int
    leftovers: Sequence[str] | None
    foreign: Sequence[str] = ()
    kept: Sequence[str] = ()
    given_back: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    backups: Sequence[Backup] | None = ()


@dataclass(frozen=True)
class TornDown:
    """A teardown that succeeded: how each resource ended, and the proof."""

    events: Sequence[Event]
    proof: Proof


def inventory(pipeline: Pipeline) -> Inventory:
    """Return the resources that are there and ours, and how much is in the buckets.

    Raises:
        ProtectedError: the pipeline is protected.
        ServiceError: something cannot be deleted; better said before anything is gone.
    """
    aws = pipeline.aws
    found = standing.departures(everything(pipeline), aws, retained(pipeline))
    buckets = [resource.name for resource in found if isinstance(resource, Bucket)]
    return Inventory(
        aws.account,
        aws.region,
        pipeline.settings.stage,
        found,
        {name: count_versions(aws, name) for name in buckets},
        [
            *_on_backups(found),
            *_on_borrowers(pipeline, found),
            *_on_validation(found),
            *jobs.on_running(pipeline, [*found]),
        ],
    )


def _on_validation(found: Mapping[Resource, Action]) -> Iterator[str]:
    if any(isinstance(each, Certificate) for each in found):
        yield (
            "the DNS record by which ACM gave the domain its certificate would stay: other "
            "certificates of the account for the same domain are renewed by it"
        )


def _on_backups(found: Mapping[Resource, Action]) -> Iterator[str]:
    for table in found:
        if isinstance(table, Table) and table.keep_backup and found[table] is Action.DELETE:
            yield f"of table {table.name} DynamoDB would keep a backup for 35 days"


def _on_borrowers(pipeline: Pipeline, found: Mapping[Resource, Action]) -> Iterator[str]:
    layers = [each for each in found if isinstance(each, LayerVersion)]
    for layer in layers:
        for function in layer.borrowers(pipeline.aws, pipeline.names.function):
            yield (
                f"function {function}, which is not this pipeline's, is on layer {layer.name}: "
                "it would work on, but could not be given it again"
            )


def proof(pipeline: Pipeline, given_back: Mapping[Bucket, int] | None = None) -> Proof:
    """Look for every resource once more, and for our traces on what was ``given_back``.

    Raises:
        ImgpipeError: something is there and should not be; it is named.
    """
    resources, stays, aws = everything(pipeline), retained(pipeline), pipeline.aws
    there = standing.remaining_after_teardown(resources, aws, stays)
    returned = given_back or {}
    look = awaited_backups if pipeline.settings.keep_backup else backups
    for bucket in returned:
        _require_no_trace(aws, bucket, [each for each in resources if each.owner == bucket])
    if left := [each for each, action in there.items() if action is not Action.RETAIN]:
        still = ", ".join(resource.name for resource in left)
        raise ImgpipeError(f"still there: {still}", hint="run it again", next=("teardown",))
    names = {resource.name for resource in resources}
    return Proof(
        len(resources),
        _leftovers(aws, pipeline.settings.stage, names),
        [each.message for each in standing.foreign(set(resources) - set(returned), aws)],
        [f"{each.title} {each.name}" for each in there],
        {each.name: (held, count_versions(aws, each.name)) for each, held in returned.items()},
        look(aws, pipeline.names.table),
    )


def _require_no_trace(aws: Aws, bucket: Bucket, parts: Sequence[Resource]) -> None:
    """Raise ``ImgpipeError`` where the ``parts`` of a bucket, or its own settings, show us."""

    def traces() -> list[str]:
        live = bucket.read(aws)
        if live is None:
            return ["nothing: it is gone"]
        found = [each.title for each in parts if each != bucket and each.read(aws) is not None]
        return [*found, *bucket_adoption.traces(live)]

    with suppress(NotSettledError):
        aws.settle(traces, lambda found: not found, what=f"bucket {bucket.name}", seconds=60)
        return
    raise ImgpipeError(
        f"bucket {bucket.name} was given back and still has: {', '.join(traces())}",
        hint="look at it, and take that away",
    )


def _leftovers(aws: Aws, stage: str, names: set[str]) -> list[str] | None:
    """Return the ARNs of the stage's tagged resources that are none of ``names``.

    Such as a bucket renamed since. ``tag:GetResources`` lags minutes behind deletions, so what has
    one of today's names is left out: reading proved it gone. So are distributions and certificates,
    whose ARNs do not hold their names.
    """
    pages = aws.client("resourcegroupstaggingapi").get_paginator("get_resources")
    tag = {"Key": OWNER_TAG, "Values": [stage]}
    try:
        arns = [
            mapping["ResourceARN"]
            for page in pages.paginate(TagFilters=[tag])
            for mapping in page["ResourceTagMappingList"]
        ]
    except ClientError as error:
        if denied(error):
            return None
        raise
    return [
        arn
        for arn in arns
        if not any(kind in arn for kind in (":distribution/", ":certificate/"))
        and not any(arn.endswith((f":{name}", f"/{name}")) for name in names)
    ]
