"""A look at what stands: for status, and for teardown before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from handler.schema import PREFIX
from imgpipe import cdn
from imgpipe.aws.errors import absent, denied
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, Event, State
from imgpipe.engine.resource import OWNER_TAG, Properties
from imgpipe.errors import ImgpipeError
from imgpipe.pipeline import deployment
from imgpipe.pipeline.declaration import everything
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.queue import Queue

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Resource
    from imgpipe.pipeline.names import Names
    from imgpipe.settings import Settings

# Counting asks S3 once for every thousand objects; a person needs no exact figure beyond this.
COUNTED: Final = 10_000


@dataclass(frozen=True)
class Inventory:
    """What a teardown would take away, from where, and how many objects and versions each bucket holds (``COUNTED`` at most)."""

    account: str
    region: str
    resources: tuple[Resource, ...]
    objects: Mapping[str, int]


@dataclass(frozen=True)
class Proof:
    """That nothing is left: how many resources were looked for and not found, and what older settings made and left behind.

    ``leftovers`` is ``None`` where the credentials may not search by tag.
    """

    checked: int
    leftovers: Sequence[str] | None


@dataclass(frozen=True)
class Health:
    """``status``: every resource's event, the outputs once there is a distribution, and what waits where."""

    events: Sequence[Event]
    url: str
    uploaded: int
    processed: int
    failures_waiting: int

    @property
    def in_sync(self) -> bool:
        """Whether a setup would change nothing."""
        return all(
            event.state is State.DONE and event.action is Action.NONE for event in self.events
        )


def inventory(settings: Settings, names: Names, aws: Aws) -> Inventory:
    """Return the resources that are there and ours, with what is in the buckets (``s3:ListObjectVersions``).

    Raises:
        ServiceError: something cannot be deleted; better said before anything is gone.
    """
    resources = everything(settings, names, aws)
    reconcile.check_deletable(resources, aws)
    found = reconcile.remaining(resources, aws)
    objects = {each.name: _versions(aws, each.name) for each in found if isinstance(each, Bucket)}
    return Inventory(aws.account, aws.region, found, objects)


def proof(settings: Settings, names: Names, aws: Aws) -> Proof:
    """Look for every resource once more; ``ImgpipeError`` names what is still there."""
    resources = everything(settings, names, aws)
    if left := reconcile.remaining_after_teardown(resources, aws):
        raise ImgpipeError(
            f"still there: {', '.join(each.name for each in left)}",
            hint="run it again",
            next=("teardown",),
        )
    return Proof(len(resources), _leftovers(settings.stage, {each.name for each in resources}, aws))


def health(settings: Settings, names: Names, aws: Aws) -> Health:
    """Read every resource and compare it with the settings, and count what is in the buckets and the failure queue."""
    events = deployment.plan(settings, names, aws)
    live = {type(event.resource): event.live for event in events if event.live}
    domain = live.get(Distribution, {}).get("DomainName")
    return Health(
        events=events,
        url=cdn.url(aws, domain, "") if domain else "",
        uploaded=_count(aws, names.source_bucket, lambda key: not key.endswith("/")),
        processed=_count(
            aws, names.destination_bucket, lambda key: key.rpartition("/")[2].startswith(PREFIX)
        ),
        failures_waiting=_waiting(aws, live.get(Queue)),
    )


def _count(aws: Aws, bucket: str, counts: Callable[[str], bool]) -> int:
    """Return for how many of a bucket's first ``COUNTED`` keys ``counts`` holds; none when there is no such bucket."""
    pages = (
        aws.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, PaginationConfig={"MaxItems": COUNTED})
    )
    try:
        return sum(counts(found["Key"]) for page in pages for found in page.get("Contents", []))
    except ClientError as error:
        if absent(error):
            return 0
        raise


def _waiting(aws: Aws, queue: Properties | None) -> int:
    if queue is None:
        return 0
    answer = aws.client("sqs").get_queue_attributes(
        QueueUrl=queue["QueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def _versions(aws: Aws, bucket: str) -> int:
    pages = (
        aws.client("s3")
        .get_paginator("list_object_versions")
        .paginate(Bucket=bucket, PaginationConfig={"MaxItems": COUNTED})
    )
    return sum(len(page.get("Versions", [])) + len(page.get("DeleteMarkers", [])) for page in pages)


def _leftovers(stage: str, known: set[str], aws: Aws) -> list[str] | None:
    """Return the ARNs of the stage's tagged resources that today's settings do not name, such as a bucket renamed since.

    ``tag:GetResources`` lags minutes behind deletions, so what the settings do name is left out: reading proved it gone.
    A distribution's ARN does not hold its name, and is proved gone the same way.
    """
    pages = (
        aws.client("resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(TagFilters=[{"Key": OWNER_TAG, "Values": [stage]}])
    )
    try:
        arns = [found["ResourceARN"] for page in pages for found in page["ResourceTagMappingList"]]
    except ClientError as error:
        if denied(error):
            return None
        raise
    return [
        arn
        for arn in arns
        if ":distribution/" not in arn
        and not any(arn.endswith((f":{name}", f"/{name}")) for name in known)
    ]
