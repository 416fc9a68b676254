"""The least that who runs imgpipe needs of IAM: what walks need of resources, and what else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from imgpipe.aws import actions
from imgpipe.aws.actions import Grant, allow
from imgpipe.pipeline import deployer_grants as grants
from imgpipe.pipeline import deployer_looking as looking
from imgpipe.pipeline import deployer_pictures as pictures
from imgpipe.pipeline import jobs
from imgpipe.pipeline.declaration import concerned, declared, everything
from imgpipe.pipeline.deployer_grants import Grants
from imgpipe.resources.function import Function
from imgpipe.resources.permissions import permissions

if TYPE_CHECKING:
    from imgpipe.aws.policies import Policy
    from imgpipe.pipeline import Pipeline


class Purpose(StrEnum):
    """What somebody is to do: a group of commands."""

    SETUP = "setup"
    UPLOAD = "upload"
    INSPECT = "inspect"
    TEARDOWN = "teardown"


@dataclass(frozen=True)
class Need:
    """What one command needs, and what for: ``needs`` says it of a pipeline."""

    purpose: Purpose
    needs: Callable[[Pipeline], Grants]


def policy(pipeline: Pipeline, purposes: Iterable[Purpose] = (), former_domain: str = "") -> Policy:
    """Return the policy for these ``purposes``; for all of them where none is named.

    A setup for it may take away the records of ``former_domain``.

    Raises:
        SettingsError: that is no domain.
    """
    wanted = set(purposes) or set(Purpose)
    rows = [row for row in COMMANDS.values() if row.purpose in wanted]
    needs = [each for row in rows for each in row.needs(pipeline)]
    if former_domain and Purpose.SETUP in wanted:
        needs += grants.leaving(former_domain)
    return actions.policy(needs, pipeline.aws)


def _setup(pipeline: Pipeline) -> Iterator[Grant]:
    for resource in concerned(pipeline):
        of = permissions(resource)
        # What is not wanted any more is taken away, whoever made it, under whatever settings.
        yield from (*of.read, *((*of.create, *of.update) if resource.wanted else of.delete))
        if isinstance(resource, Function):  # made anew for another role
            yield from allow("lambda", resource.name, "DeleteFunction")
    yield from grants.certificate(pipeline)
    settings = pipeline.settings
    if settings.role_arn:
        yield from allow("iam", settings.role_arn, "SimulatePrincipalPolicy")
    # What a setup leaves to be made is counted; without these that is not said.
    yield from (*grants.originals(pipeline), *grants.rows(pipeline))
    yield from allow("dynamodb", pipeline.names.table, "Scan")
    # Who is given a role may make none, and so lets somebody else make what jobs stand on.
    for resource in () if settings.role_arn else jobs.ground(pipeline):
        of = permissions(resource)
        yield from (*of.read, *of.create, *of.update)


def _teardown(pipeline: Pipeline) -> Iterator[Grant]:
    switched_off = [each for each in concerned(pipeline) if not each.wanted]
    whole = dict.fromkeys((*everything(pipeline), *declared(pipeline)))
    asked = [*(each for each in whole if not each.sought), *switched_off]
    for resource in (*asked, *jobs.ground(pipeline)):
        of = permissions(resource)
        yield from (*of.read, *of.delete)
    # The proof: what else bears the tag, whose functions borrow the layer, what backups stay.
    yield from allow("tag", "", "GetResources")
    yield from allow("lambda", pipeline.names.function, "ListFunctions")
    yield from allow("dynamodb", pipeline.names.table, "ListBackups")


def _rollback(pipeline: Pipeline) -> Grants:
    reads = ("GetFunction", "GetAlias", "ListVersionsByFunction")
    return grants.of_function(pipeline, *reads, "UpdateAlias", "InvokeFunction")


def _pause(pipeline: Pipeline) -> Iterator[Grant]:
    yield from grants.reading(pipeline)
    yield from allow(
        "s3", pipeline.names.source_bucket, "PutBucketTagging", "PutBucketNotification"
    )


def _resume(pipeline: Pipeline) -> Iterator[Grant]:
    yield from (*_pause(pipeline), *pictures.mending(pipeline))


COMMANDS: Final[Mapping[str, Need]] = {
    "setup": Need(Purpose.SETUP, _setup),
    "rollback": Need(Purpose.SETUP, _rollback),
    "rotate": Need(
        Purpose.SETUP,
        lambda each: grants.signing(each, "DescribeKeyValueStore", "GetKey", "UpdateKeys"),
    ),
    "pause": Need(Purpose.SETUP, _pause),
    "resume": Need(Purpose.SETUP, _resume),
    "teardown": Need(Purpose.TEARDOWN, _teardown),
    "upload": Need(Purpose.UPLOAD, pictures.upload),
    "watch": Need(Purpose.UPLOAD, pictures.watch),
    "invoke": Need(Purpose.UPLOAD, lambda each: grants.of_function(each, "InvokeFunction")),
    "retry": Need(Purpose.UPLOAD, pictures.retry),
    "reconcile": Need(Purpose.UPLOAD, pictures.reconcile),
    "gallery": Need(Purpose.UPLOAD, pictures.gallery),
    "rm": Need(Purpose.UPLOAD, pictures.rm),
    "invalidate": Need(Purpose.UPLOAD, grants.forgetting),
    "reprocess": Need(Purpose.UPLOAD, pictures.reprocess),
    "reprocess status": Need(Purpose.INSPECT, looking.reprocess_status),
    "url": Need(Purpose.INSPECT, looking.url),
    "list-metadata": Need(Purpose.INSPECT, grants.rows),
    "status": Need(Purpose.INSPECT, looking.status),
    "doctor": Need(Purpose.INSPECT, looking.doctor),
    "open": Need(Purpose.INSPECT, looking.opening),
    "download": Need(Purpose.INSPECT, looking.download),
    "show": Need(Purpose.INSPECT, looking.show),
    "explain": Need(Purpose.INSPECT, looking.explain),
    "failures": Need(Purpose.INSPECT, grants.failures),
    "logs": Need(Purpose.INSPECT, grants.lines),
    "metrics": Need(Purpose.INSPECT, grants.lines),
    "cost": Need(Purpose.INSPECT, looking.cost),
    "config pull": Need(Purpose.INSPECT, grants.reading),
}
"""THE table of what each command that speaks to AWS needs."""
