"""The role that the function runs as, and the least that it needs of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handler.schema import Removed
from imgpipe.aws import policies
from imgpipe.pipeline.given_role import GivenRole
from imgpipe.resources.role import Role

if TYPE_CHECKING:
    from imgpipe.engine.resource import Resource
    from imgpipe.pipeline import Pipeline
    from imgpipe.resources.bucket import Bucket


def execution_policy(pipeline: Pipeline) -> policies.Policy:
    """Return the least that the function needs of a role, but for the keys of its buckets."""
    names, here = pipeline.names, f"{pipeline.aws.region}:{pipeline.aws.account}"
    partition = pipeline.aws.partition
    destination_arn = f"arn:{partition}:s3:::{names.destination_bucket}"
    table_arn = f"arn:{partition}:dynamodb:{here}:table/{names.table}"
    policy = policies.execution_policy(
        source_arn=f"arn:{partition}:s3:::{names.source_bucket}",
        destination_arn=destination_arn,
        table_arn=table_arn,
        log_group_arn=f"arn:{partition}:logs:{here}:log-group:{names.log_group}",
        queue_arn=_queue_arn(pipeline),
    )
    if pipeline.settings.removed == Removed.FOLLOW:
        return policies.extended(policy, policies.removal_statements(destination_arn, table_arn))
    return policy


def _queue_arn(pipeline: Pipeline) -> str:
    aws = pipeline.aws
    return f"arn:{aws.partition}:sqs:{aws.region}:{aws.account}:{pipeline.names.queue}"


def execution_role(
    pipeline: Pipeline, tags: tuple[tuple[str, str], ...], source: Bucket, destination: Bucket
) -> Resource:
    """Return the role with one policy of exact ARNs, with the guide's managed three, or one's own.

    The three lack the right to send to the failure queue, so a policy for that goes with them.
    """
    settings = pipeline.settings
    if settings.role_arn:
        return GivenRole.of(settings.role_arn)
    managed = settings.permissions == "managed"
    policy = (
        policies.failures_policy(_queue_arn(pipeline)) if managed else execution_policy(pipeline)
    )
    return Role(
        pipeline.names.role,
        tags,
        policy=policies.canonical(policy),
        managed_policies=policies.managed_policy_arns(pipeline.aws.partition) if managed else (),
        path=settings.role_path,
        boundary=settings.permissions_boundary,
        source=source,
        destination=destination,
    )
