"""What several commands ask of AWS for a pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from imgpipe.aws.actions import Grant, allow
from imgpipe.pipeline.declaration import declared
from imgpipe.resources.permissions import permissions

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline


Grants = Iterable[Grant]


def reading(pipeline: Pipeline) -> Iterator[Grant]:
    """Return what it takes to read every resource."""
    for resource in declared(pipeline):
        yield from permissions(resource).read


def rows(pipeline: Pipeline) -> Grants:
    """Return what it takes to look rows up."""
    table = pipeline.names.table
    return (
        *allow("dynamodb", table, "DescribeTable", "BatchGetItem"),
        *allow("dynamodb", f"{table}/index/*", "Query"),
    )


def comparing(pipeline: Pipeline) -> Grants:
    """Return what it takes to compare originals, results and rows."""
    return (
        *originals(pipeline),
        *results(pipeline),
        *allow("dynamodb", pipeline.names.table, "Scan"),
    )


def originals(pipeline: Pipeline) -> Grants:
    """Return what it takes to list originals, and to look at each."""
    bucket = pipeline.names.source_bucket
    return (*allow("s3", bucket, "ListBucket"), *allow("s3", f"{bucket}/*", "GetObject"))


def results(pipeline: Pipeline) -> Grants:
    """Return what it takes to list results."""
    return allow("s3", pipeline.names.destination_bucket, "ListBucket")


def invoking(pipeline: Pipeline) -> Grants:
    """Return what it takes to start the function, as many at once as the account lets."""
    return of_function(pipeline, "InvokeFunction", "GetAccountSettings")


def failures(pipeline: Pipeline) -> Grants:
    """Return what it takes to look into the failure queue, and at why each failed."""
    look = ("GetQueueUrl", "GetQueueAttributes", "ReceiveMessage", "ChangeMessageVisibility")
    return (*allow("sqs", pipeline.names.queue, *look), *lines(pipeline))


def lines(pipeline: Pipeline) -> Grants:
    """Return what it takes to read the function's log."""
    return allow("logs", pipeline.names.log_group, "FilterLogEvents")


def of_function(pipeline: Pipeline, *names: str) -> Grants:
    """Return the actions ``names`` of Lambda on the function."""
    return allow("lambda", pipeline.names.function, *names)
