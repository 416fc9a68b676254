"""What jobs of S3 Batch Operations stand on: a role and a private bucket, made when first needed.

Why not by setup: docs/decisions/0022-jobs-stand-on-their-own.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imgpipe.aws.job_policies import jobs_policy
from imgpipe.aws.policy_text import canonical
from imgpipe.engine import reconcile
from imgpipe.engine.resource import OWNER_TAG
from imgpipe.pictures.batch import LISTS, REPORTS, JobPlace
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_policy import BucketPolicy
from imgpipe.resources.jobs_role import JobsRole, running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgpipe.engine.graph import Event
    from imgpipe.engine.resource import Resource
    from imgpipe.pipeline import Pipeline

# From so many on a job is worth its price: who starts it may go, and S3 sees it through.
ADVISED: Final = 100_000


def ground(pipeline: Pipeline) -> tuple[Resource, ...]:
    """Return the bucket of lists and reports, its policy, and the role; nothing is called."""
    names, settings = pipeline.names, pipeline.settings
    tags = ((OWNER_TAG, settings.stage), *settings.tags)
    bucket = Bucket(names.jobs_bucket, tags, title="jobs bucket", when_needed=True)
    partition = pipeline.aws.partition
    own = f"arn:{partition}:s3:::{names.jobs_bucket}"
    policy = jobs_policy(
        alias_arn=_alias_arn(pipeline),
        source_arn=f"arn:{partition}:s3:::{names.source_bucket}",
        lists_arn=f"{own}/{LISTS}*",
        reports_arn=f"{own}/{REPORTS}/*",
    )
    role = JobsRole(
        names.jobs_role,
        tags,
        policy=canonical(policy),
        path=settings.role_path,
        boundary=settings.permissions_boundary,
        account=pipeline.aws.account,
        bucket=bucket,
        title="jobs role",
        when_needed=True,
    )
    return bucket, BucketPolicy(f"{bucket.name} policy", bucket=bucket, when_needed=True), role


def standing(pipeline: Pipeline) -> Sequence[Event]:
    """Return what differs of what jobs stand on; nothing where none of it stands."""
    events = list(reconcile.plan(ground(pipeline), pipeline.aws))
    return events if any(event.live for event in events) else []


def place(pipeline: Pipeline, events: Sequence[Event]) -> JobPlace:
    """Return what a job takes, once its ground was made, as ``events`` tell."""
    (arn,) = [each.live["Arn"] for each in events if each.live and "RoleId" in each.live]
    names, settings = pipeline.names, pipeline.settings
    return JobPlace(
        stage=settings.stage,
        tags={OWNER_TAG: settings.stage, **dict(settings.tags)},
        function_arn=_alias_arn(pipeline),
        role_arn=arn,
        source_bucket=names.source_bucket,
        jobs_bucket=names.jobs_bucket,
    )


def on_running(pipeline: Pipeline, found: Sequence[Resource]) -> list[str]:
    """Return what there is to say of the jobs that a teardown of ``found`` would cancel."""
    roles = [each.read(pipeline.aws) for each in found if isinstance(each, JobsRole)]
    return [
        f"job {job.id} of S3 Batch Operations runs ({job.succeeded + job.failed:,} of "
        f"{job.total:,} pictures): it would be cancelled"
        for role in roles
        if role
        for job in running(pipeline.aws, role)
    ]


def _alias_arn(pipeline: Pipeline) -> str:
    """Return the ARN of what is served: a job goes on with what a setup changes meanwhile."""
    aws, names = pipeline.aws, pipeline.names
    function = f"arn:{aws.partition}:lambda:{aws.region}:{aws.account}:function:{names.function}"
    return f"{function}:{names.alias}"
