"""What stands and what is left: a look before a teardown, and the proof after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from imgpipe.aws.errors import denied
from imgpipe.aws.objects import count_versions
from imgpipe.engine import standing
from imgpipe.engine.graph import Action, Event
from imgpipe.engine.resource import OWNER_TAG
from imgpipe.errors import ImgpipeError
from imgpipe.pipeline.declaration import everything
from imgpipe.pipeline.retention import retained
from imgpipe.resources.bucket import Bucket

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Resource
    from imgpipe.pipeline import Pipeline


@dataclass(frozen=True)
class Inventory:
    """What stands, and what a teardown would do with it.

    ``objects`` says how many objects and versions each bucket holds, ``objects.COUNTED`` at most.
    """

    account: str
    region: str
    stage: str
    departures: Mapping[Resource, Action]
    objects: Mapping[str, int]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All that stands."""
        return tuple(self.departures)

    @property
    def leaving(self) -> tuple[Resource, ...]:
        """What a teardown would not leave as it is."""
        return tuple(each for each, action in self.departures.items() if action != Action.RETAIN)


@dataclass(frozen=True)
class Proof:
    """That nothing of ours is left: how many resources were looked for.

    ``leftovers`` are the ARNs of what older settings made and left behind; ``None`` where the
    credentials may not search by tag. ``foreign`` says what stands under our names and does not
    carry our tag. ``kept`` says what was to stay.
    """

    checked: int
    leftovers: Sequence[str] | None
    foreign: Sequence[str] = ()
    kept: Sequence[str] = ()


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
    )


def proof(pipeline: Pipeline) -> Proof:
    """Look for every resource once more; ``ImgpipeError`` names what is there and should not be."""
    resources, stays = everything(pipeline), retained(pipeline)
    there = standing.remaining_after_teardown(resources, pipeline.aws, stays)
    if left := [each for each, action in there.items() if action is not Action.RETAIN]:
        still = ", ".join(resource.name for resource in left)
        raise ImgpipeError(f"still there: {still}", hint="run it again", next=("teardown",))
    names = {resource.name for resource in resources}
    return Proof(
        len(resources),
        _leftovers(pipeline.aws, pipeline.settings.stage, names),
        [error.message for error in standing.foreign(resources, pipeline.aws)],
        [f"{each.title} {each.name}" for each in there],
    )


def _leftovers(aws: Aws, stage: str, names: set[str]) -> list[str] | None:
    """Return the ARNs of the stage's tagged resources that are none of ``names``.

    Such as a bucket renamed since. ``tag:GetResources`` lags minutes behind deletions, so what has
    one of today's names is left out: reading proved it gone. So is a distribution, whose ARN does
    not hold its name.
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
        if ":distribution/" not in arn
        and not any(arn.endswith((f":{name}", f"/{name}")) for name in names)
    ]
