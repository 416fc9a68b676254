"""The roles that the functions run as, and the least that they need of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handler.schema import Removed
from imgpipe.aws import policies
from imgpipe.aws.policy_text import canonical
from imgpipe.pipeline.given_role import GivenRole
from imgpipe.resources.role import Role

if TYPE_CHECKING:
    from imgpipe.engine.resource import Resource
    from imgpipe.pipeline import Pipeline
    from imgpipe.resources.bucket import Bucket
    from imgpipe.resources.distribution import Distribution

Tags = tuple[tuple[str, str], ...]


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


def page_policy(pipeline: Pipeline) -> policies.Policy:
    """Return the least that the page's function needs of a role, but for invalidations and keys."""
    names, here = pipeline.names, f"{pipeline.aws.region}:{pipeline.aws.account}"
    partition = pipeline.aws.partition
    return policies.page_policy(
        destination_arn=f"arn:{partition}:s3:::{names.destination_bucket}",
        table_arn=f"arn:{partition}:dynamodb:{here}:table/{names.table}",
        log_group_arn=f"arn:{partition}:logs:{here}:log-group:{names.log_group}",
        queue_arn=_queue_arn(pipeline),
        function_arn=f"arn:{partition}:lambda:{here}:function:{names.page_function}",
    )


def delivery_policy(pipeline: Pipeline) -> policies.Policy:
    """Return the least that the function of renditions on demand needs, but for the key."""
    names, here = pipeline.names, f"{pipeline.aws.region}:{pipeline.aws.account}"
    partition = pipeline.aws.partition
    return policies.delivery_policy(
        source_arn=f"arn:{partition}:s3:::{names.source_bucket}",
        log_group_arn=f"arn:{partition}:logs:{here}:log-group:{names.log_group}",
    )


def policy_of_both(pipeline: Pipeline) -> policies.Policy:
    """Return the least that a role needs as which both functions run.

    The distribution may not be there yet, so it may invalidate each of the account's.
    """
    any_distribution = f"arn:{pipeline.aws.partition}:cloudfront::{pipeline.aws.account}"
    statements = [
        *page_policy(pipeline)["Statement"],
        policies.invalidation_statement(f"{any_distribution}:distribution/*"),
    ]
    both = execution_policy(pipeline)
    known = both["Statement"]
    return policies.extended(both, (each for each in statements if each not in known))


def _queue_arn(pipeline: Pipeline) -> str:
    aws = pipeline.aws
    return f"arn:{aws.partition}:sqs:{aws.region}:{aws.account}:{pipeline.names.queue}"


def execution_role(pipeline: Pipeline, tags: Tags, source: Bucket, destination: Bucket) -> Resource:
    """Return the role with one policy of exact ARNs, with the guide's managed three, or one's own.

    The three lack the right to send to the failure queue, so a policy for that goes with them.
    """
    managed = pipeline.settings.permissions == "managed"
    policy = (
        policies.failures_policy(_queue_arn(pipeline)) if managed else execution_policy(pipeline)
    )
    return _role(
        pipeline,
        pipeline.names.role,
        tags,
        policy,
        managed_policies=policies.managed_policy_arns(pipeline.aws.partition) if managed else (),
        source=source,
        destination=destination,
    )


def page_role(
    pipeline: Pipeline, tags: Tags, destination: Bucket, distribution: Distribution
) -> Resource:
    """Return the role of the page's function, always of exact ARNs, or one's own.

    What it reads and writes of objects lies in the destination bucket.
    """
    return _role(
        pipeline,
        pipeline.names.page_role,
        tags,
        page_policy(pipeline),
        source=destination,
        destination=destination,
        invalidates=distribution,
        title="page role",
    )


def delivery_role(pipeline: Pipeline, tags: Tags, source: Bucket, **more: Any) -> Resource:
    """Return the role of the function of renditions on demand, or one's own: it reads originals."""
    policy, name = delivery_policy(pipeline), pipeline.names.delivery_role
    return _role(pipeline, name, tags, policy, source=source, title="delivery role", **more)


def _role(
    pipeline: Pipeline, name: str, tags: Tags, policy: policies.Policy, **more: Any
) -> Resource:
    """Return the role ``name`` where the settings want roles to be, or the one that is given."""
    settings = pipeline.settings
    if settings.role_arn:
        return GivenRole.of(settings.role_arn)
    return Role(
        name,
        tags,
        policy=canonical(policy),
        path=settings.role_path,
        boundary=settings.permissions_boundary,
        **more,
    )
