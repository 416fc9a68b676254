"""What the commands that look, and change nothing, need of IAM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imgpipe.aws.actions import Grant, allow
from imgpipe.pictures.batch import REPORTS
from imgpipe.pipeline import deployer_grants as grants
from imgpipe.pipeline.deployer_grants import Grants

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline


def show(pipeline: Pipeline) -> Grants:
    """Return what it takes to show a picture."""
    names = pipeline.names
    return (
        *grants.originals(pipeline),
        *grants.results(pipeline),
        *grants.rows(pipeline),
        *allow("s3", f"{names.destination_bucket}/*", "GetObject"),
        *allow("cloudfront", names.distribution, "ListDistributions"),
    )


def opening(pipeline: Pipeline) -> Grants:
    """Return what it takes to open the page, a picture, or the list of rejected ones."""
    names = pipeline.names
    return (
        *grants.comparing(pipeline),
        *grants.rows(pipeline),
        *allow("cloudfront", names.distribution, "ListDistributions"),
    )


def download(pipeline: Pipeline) -> Grants:
    """Return what it takes to bring pictures home."""
    names = pipeline.names
    return (
        *grants.comparing(pipeline),
        *grants.rows(pipeline),
        *allow("s3", f"{names.destination_bucket}/*", "GetObject"),
    )


def explain(pipeline: Pipeline) -> Grants:
    """Return what it takes to tell a picture's story."""
    names = pipeline.names
    return (
        *grants.originals(pipeline),
        *grants.results(pipeline),
        *grants.rows(pipeline),
        *grants.failures(pipeline),
        *allow("s3", names.source_bucket, "ListBucketVersions", "GetBucketNotification"),
        *allow("s3", f"{names.destination_bucket}/*", "GetObject"),
        *grants.of_function(pipeline, "GetAlias", "GetFunction"),
        *allow("cloudfront", names.distribution, "ListDistributions", "GetDistribution"),
    )


def status(pipeline: Pipeline) -> Iterator[Grant]:
    """Return what it takes to show how everything stands."""
    yield from grants.reading(pipeline)
    yield from grants.ground_of_jobs(pipeline)
    yield from grants.comparing(pipeline)
    yield from grants.page(pipeline)
    yield from grants.of_function(pipeline, "InvokeFunction")
    yield from grants.failures(pipeline)


def reprocess_status(pipeline: Pipeline) -> Grants:
    """Return what it takes to see how jobs are, and what failed of them."""
    bucket = pipeline.names.jobs_bucket
    return (
        *allow("s3", "", "ListJobs"),
        *allow("s3", "*", "DescribeJob"),
        *allow("s3", bucket, "ListBucket"),
        *allow("s3", f"{bucket}/{REPORTS}/*", "GetObject"),
    )


def cost(pipeline: Pipeline) -> Grants:
    """Return what it takes to count what was used."""
    names = pipeline.names
    return (
        *grants.of_function(pipeline, "GetFunctionConfiguration"),
        *allow("lambda", names.page_function, "GetFunctionConfiguration"),
        *allow("lambda", names.delivery_function, "GetFunctionConfiguration"),
        *allow("dynamodb", names.table, "DescribeTable"),
        *allow("cloudwatch", "", "GetMetricStatistics"),
        *allow("cloudfront", names.distribution, "ListDistributions", "ListInvalidations"),
    )


def doctor(pipeline: Pipeline) -> Iterator[Grant]:
    """Return what it takes to examine everything."""
    yield from grants.reading(pipeline)
    yield from grants.ground_of_jobs(pipeline)
    yield from grants.invoking(pipeline)
    names = pipeline.names
    for bucket in (names.source_bucket, names.destination_bucket):
        yield from allow("s3", bucket, "GetBucketAcl", "GetBucketWebsite")
    yield from allow("lambda", names.page_function, "GetPolicy")
    yield from allow("iam", "", "GetAccountSummary")
    yield from allow("s3", "", "GetAccountPublicAccessBlock", "ListAllMyBuckets")
    yield from allow("cloudfront", names.distribution, "ListDistributions")


def url(pipeline: Pipeline) -> Grants:
    """Return what it takes to find the CDN, and the key that signs where addresses are signed."""
    return (
        *allow("cloudfront", pipeline.names.distribution, "ListDistributions"),
        *grants.signing(pipeline, "GetKey"),
    )
