"""What several commands ask of AWS for a pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from handler.gallery import INDEX_KEY, PAGE_PREFIX
from imgpipe.aws.actions import PARTITIONED, Condition, Grant, allow
from imgpipe.aws.job_policies import SERVICE
from imgpipe.errors import SettingsError
from imgpipe.pictures.batch import LISTS
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.jobs import ground
from imgpipe.resources.jobs_role import JobsRole
from imgpipe.resources.permissions import permissions
from imgpipe.resources.permissions.delivery import of_store
from imgpipe.resources.permissions.domain import change_of_records
from imgpipe.settings.domain import canonical

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline


Grants = Iterable[Grant]

_TO_JOBS: Final[Condition] = ("StringEquals", "iam:PassedToService", (SERVICE,))


def reading(pipeline: Pipeline) -> Iterator[Grant]:
    """Return what it takes to read every resource."""
    for resource in declared(pipeline):
        yield from permissions(resource).read
    yield from certificate(pipeline)


def certificate(pipeline: Pipeline) -> Grants:
    """Return what it takes to look whether a certificate of somebody's own fits."""
    arn = pipeline.settings.certificate_arn
    return allow("acm", arn, "DescribeCertificate") if arn else ()


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


def page(pipeline: Pipeline) -> Iterator[Grant]:
    """Return what it takes to look at what the page shows."""
    for key in (INDEX_KEY, f"{PAGE_PREFIX}*"):
        yield from allow("s3", f"{pipeline.names.destination_bucket}/{key}", "GetObject")
    yield from allow("lambda", pipeline.names.page_function, "GetFunctionConfiguration")


def failures(pipeline: Pipeline) -> Grants:
    """Return what it takes to look into the failure queue, and at why each failed."""
    look = ("GetQueueUrl", "GetQueueAttributes", "ReceiveMessage", "ChangeMessageVisibility")
    return (*allow("sqs", pipeline.names.queue, *look), *lines(pipeline))


def lines(pipeline: Pipeline) -> Grants:
    """Return what it takes to read the function's log."""
    return allow("logs", pipeline.names.log_group, "FilterLogEvents")


def ground_of_jobs(pipeline: Pipeline) -> Iterator[Grant]:
    """Return what it takes to read what jobs stand on."""
    for resource in ground(pipeline):
        yield from permissions(resource).read


def jobs(pipeline: Pipeline) -> Iterator[Grant]:
    """Return what it takes to begin a job, as a role that whoever may set up has made once."""
    yield from ground_of_jobs(pipeline)
    for resource in ground(pipeline):
        if isinstance(resource, JobsRole):
            yield from allow("iam", resource.iam_name, "PassRole", condition=_TO_JOBS)
    yield from allow("s3", f"{pipeline.names.jobs_bucket}/{LISTS}*", "PutObject")
    yield from allow("s3", "", "CreateJob", "ListJobs")
    yield from allow("s3", "*", "PutJobTagging")


def of_function(pipeline: Pipeline, *names: str) -> Grants:
    """Return the actions ``names`` of Lambda on the function."""
    return allow("lambda", pipeline.names.function, *names)


def signing(pipeline: Pipeline, *names: str) -> Grants:
    """Return what it takes to find the keys that sign addresses, and ``names`` of their store.

    Where nothing is signed nobody needs it.
    """
    delivery = pipeline.settings.delivery
    if not (delivery.enabled and delivery.signing):
        return ()
    function = f"{PARTITIONED}cloudfront::{{account}}:function/{pipeline.names.edge_function}"
    return (
        *allow("cloudfront", function, "DescribeFunction"),
        *of_store("cloudfront-keyvaluestore", *names),
    )


def forgetting(pipeline: Pipeline) -> Grants:
    """Return what it takes to let CloudFront forget pictures and paths."""
    return (
        *rows(pipeline),
        *results(pipeline),
        *allow(
            "cloudfront",
            pipeline.names.distribution,
            "ListDistributions",
            "CreateInvalidation",
            "GetInvalidation",
        ),
    )


def leaving(domain: str) -> Grants:
    """Return what it takes to take the records of a domain away that another takes the place of.

    Raises:
        SettingsError: it is no domain.
    """
    if (name := canonical(domain)) is None:
        raise SettingsError(f"{domain!r} is no domain name", hint="as in images.example.com")
    return change_of_records(name)
