"""The whole pipeline's coming and going: what the commands setup, status, teardown and demo do, without their words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from handler.schema import PREFIX
from imgpipe import cdn, stack
from imgpipe.aws_errors import absent
from imgpipe.errors import ImgpipeError, NotSetUpError
from imgpipe.package.bytecode import compiler
from imgpipe.pipeline import RUNTIME, pipeline, target_python
from imgpipe.resource import OWNER_TAG, Properties
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.distribution import Distribution, wait_deployed
from imgpipe.resources.layer_version import check_layer_arn
from imgpipe.resources.queue import Queue
from imgpipe.resources.table import Table
from imgpipe.walk import Action, Event, State

if TYPE_CHECKING:
    from imgpipe.aws import Aws
    from imgpipe.names import Names
    from imgpipe.resource import Resource
    from imgpipe.settings import Settings

# Counting asks S3 once for every thousand objects; a person needs no exact figure beyond this.
COUNTED: Final = 10_000


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
class Inventory:
    """What a teardown would take away, from where, and how many objects and versions each bucket holds (``COUNTED`` at most)."""

    account: str
    region: str
    resources: tuple[Resource, ...]
    objects: Mapping[str, int]


@dataclass(frozen=True)
class Proof:
    """That nothing is left: how many resources were looked for and not found, and what older settings made and left behind."""

    checked: int
    leftovers: Sequence[str]


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
        return all(event.state is State.DONE and event.action is Action.NONE for event in self.events)


def check(settings: Settings, aws: Aws) -> None:
    """Refuse what AWS would refuse half-way through, before anything is changed; ``PackageError`` for a layer that does not fit."""
    if settings.pillow_layer_arn:
        check_layer_arn(aws, settings.pillow_layer_arn, settings.architecture, RUNTIME)


def setup(settings: Settings, names: Names, aws: Aws) -> Iterator[Event]:
    """Bring the account to what the settings say, resource by resource. Raises as ``check``; failures are events."""
    check(settings, aws)
    yield from stack.setup(pipeline(settings, names, aws), aws)


def plan(settings: Settings, names: Names, aws: Aws) -> list[Event]:
    """Return what ``setup`` would do with each resource, in the order they are declared; nothing is written. Raises as ``check``."""
    check(settings, aws)
    resources = pipeline(settings, names, aws)
    planned = {event.resource: event for event in stack.plan(resources, aws)}
    return [planned[resource] for resource in resources]


def teardown(settings: Settings, names: Names, aws: Aws) -> Iterator[Event]:
    """Delete everything that is ours, the distribution's long way down included."""
    return stack.teardown(_everything(settings, names, aws), aws)


def inventory(settings: Settings, names: Names, aws: Aws) -> Inventory:
    """Return the resources that are there and ours, with what is in the buckets (``s3:ListObjectVersions``).

    Raises:
        ServiceError: the table is protected against deletion; better said before anything is gone.
    """
    found = stack.remaining(_everything(settings, names, aws), aws)
    objects = {each.name: _versions(aws, each.name) for each in found if isinstance(each, Bucket)}
    for table in (each for each in found if isinstance(each, Table)):
        table.check_deletable(table.read(aws) or {"DeletionProtectionEnabled": False})
    return Inventory(aws.account, aws.region, found, objects)


def proof(settings: Settings, names: Names, aws: Aws) -> Proof:
    """Look for every resource once more; ``ImgpipeError`` names what is still there."""
    resources = _everything(settings, names, aws)
    if left := stack.remaining(resources, aws):
        raise ImgpipeError(f"still there: {', '.join(each.name for each in left)}", hint="run it again: imgpipe teardown")
    return Proof(len(resources), _leftovers(settings.stage, {each.name for each in resources}, aws))


def succeeded(events: Sequence[Event], command: str) -> None:
    """Raise ``ImgpipeError`` if any resource failed, naming how many, and the command that goes on from here."""
    failed = [event for event in events if event.state is State.FAILED]
    blocked = [event for event in events if event.state is State.BLOCKED]
    if failed:
        waiting = f", {len(blocked)} more waited for them" if blocked else ""
        raise ImgpipeError(f"{len(failed)} of {len(events)} resources failed{waiting}", hint=f"mend what is said above, then run it again: {command}")


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
    return [f"without a python{python} on the PATH the code goes without bytecode, and cold starts take about a third longer"]


def distribution(settings: Settings, names: Names, aws: Aws) -> Properties:
    """Return the live distribution's ``Id``, ``DomainName`` and the rest; ``NotSetUpError`` when there is none."""
    (declared,) = (each for each in pipeline(settings, names, aws) if isinstance(each, Distribution))
    found = declared.read(aws)
    if found is None:
        raise NotSetUpError("there is no pipeline here yet", hint="set it up first: imgpipe setup")
    return found


def health(settings: Settings, names: Names, aws: Aws) -> Health:
    """Read every resource and compare it with the settings, and count what is in the buckets and the failure queue."""
    events = plan(settings, names, aws)
    live = {type(event.resource): event.live for event in events if event.live}
    domain = live.get(Distribution, {}).get("DomainName")
    return Health(
        events=events,
        url=cdn.url(aws, domain, "") if domain else "",
        uploaded=_count(aws, names.source_bucket, lambda key: not key.endswith("/")),
        processed=_count(aws, names.destination_bucket, lambda key: key.rpartition("/")[2].startswith(PREFIX)),
        failures_waiting=_waiting(aws, live.get(Queue)),
    )


def _count(aws: Aws, bucket: str, counts: Callable[[str], bool]) -> int:
    """Return for how many of a bucket's first ``COUNTED`` keys ``counts`` holds; none when there is no such bucket."""
    pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"MaxItems": COUNTED})
    try:
        return sum(counts(found["Key"]) for page in pages for found in page.get("Contents", []))
    except ClientError as error:
        if absent(error):
            return 0
        raise


def _waiting(aws: Aws, queue: Properties | None) -> int:
    if queue is None:
        return 0
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=queue["QueueUrl"], AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def _everything(settings: Settings, names: Names, aws: Aws) -> tuple[Resource, ...]:
    """Return all that any settings may have made under these names: our own layer too, if a foreign one took its place since."""
    return pipeline(replace(settings, pillow_layer_arn=""), names, aws)


def _versions(aws: Aws, bucket: str) -> int:
    pages = aws.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"MaxItems": COUNTED})
    return sum(len(page.get("Versions", [])) + len(page.get("DeleteMarkers", [])) for page in pages)


def _leftovers(stage: str, known: set[str], aws: Aws) -> list[str]:
    """Return the ARNs of the stage's tagged resources that today's settings do not name, such as a bucket renamed since.

    ``tag:GetResources`` lags minutes behind deletions, so what the settings do name is left out: reading proved it gone.
    A distribution's ARN does not hold its name, and is proved gone the same way.
    """
    pages = aws.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=[{"Key": OWNER_TAG, "Values": [stage]}])
    arns = [found["ResourceARN"] for page in pages for found in page["ResourceTagMappingList"]]
    return [arn for arn in arns if ":distribution/" not in arn and not any(arn.endswith((f":{name}", f"/{name}")) for name in known)]


def wait(aws: Aws, of: Outputs) -> None:
    """Wait until the distribution is deployed to every edge; ``NotSettledError`` after half an hour."""
    wait_deployed(aws, of.distribution_id)
