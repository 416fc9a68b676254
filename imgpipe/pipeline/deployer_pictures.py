"""What commands need of IAM that bring, make again or delete pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handler.schema import Removed
from imgpipe.aws.actions import Grant, allow
from imgpipe.pipeline import deployer_grants as grants
from imgpipe.pipeline import gallery as page
from imgpipe.pipeline.deployer_grants import Grants
from imgpipe.resources.permissions import permissions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgpipe.pipeline import Pipeline

# What large files need besides: to be broken off, and gone on with.
_PARTS: Final = ("AbortMultipartUpload", "ListMultipartUploadParts")


def upload(pipeline: Pipeline) -> Grants:
    """Return what it takes to send pictures, and to follow each to its result."""
    names = pipeline.names
    return (
        *allow("s3", f"{names.source_bucket}/*", "PutObject", "GetObject"),
        *allow("s3", f"{names.source_bucket}/*", *_PARTS),
        # ListBucket: to know what is there already.
        *allow("s3", names.source_bucket, "GetBucketNotification", "ListBucket"),
        *allow("s3", names.source_bucket, "ListBucketMultipartUploads"),
        *allow("cloudfront", names.distribution, "ListDistributions"),
        *grants.rows(pipeline),
        *grants.invoking(pipeline),
        *grants.failures(pipeline),
        *grants.lines(pipeline),
    )


def watch(pipeline: Pipeline) -> Grants:
    """Return what it takes to keep a bucket in step with a folder."""
    return (*upload(pipeline), *rm(pipeline))


def retry(pipeline: Pipeline) -> Grants:
    """Return what it takes to run again what failed for good."""
    return (
        *grants.failures(pipeline),
        *allow("sqs", pipeline.names.queue, "DeleteMessage"),
        *grants.invoking(pipeline),
        *grants.originals(pipeline),
        *grants.results(pipeline),
        *grants.rows(pipeline),
    )


def reconcile(pipeline: Pipeline) -> Grants:
    """Return what it takes to mend what differs, the page included."""
    return (
        *mending(pipeline),
        *grants.page(pipeline),
        *allow("lambda", pipeline.names.page_function, "InvokeFunction"),
    )


def mending(pipeline: Pipeline) -> Grants:
    """Return what it takes to mend what differs of originals, results and rows."""
    names, follows = pipeline.names, pipeline.settings.removed == Removed.FOLLOW
    return (
        *grants.comparing(pipeline),
        *grants.invoking(pipeline),
        *allow("s3", names.destination_bucket, "GetBucketTagging"),
        *(allow("s3", f"{names.destination_bucket}/*", "DeleteObject") if follows else ()),
    )


def rm(pipeline: Pipeline) -> Grants:
    """Return what it takes to delete pictures and all that was made of them."""
    names = pipeline.names
    source, destination = f"{names.source_bucket}/*", f"{names.destination_bucket}/*"
    return (
        *grants.rows(pipeline),
        *grants.comparing(pipeline),
        *allow("s3", source, "DeleteObject"),
        *allow("s3", names.source_bucket, "GetBucketVersioning", "ListBucketVersions"),
        *allow("s3", destination, "DeleteObject"),
        *grants.page(pipeline),
        *allow("s3", names.destination_bucket, "GetBucketTagging"),
        *allow("dynamodb", names.table, "DeleteItem"),
        *allow("cloudfront", names.distribution, "ListDistributions"),
    )


def reprocess(pipeline: Pipeline) -> Grants:
    """Return what it takes to make pictures again."""
    return (
        *grants.originals(pipeline),
        *grants.rows(pipeline),
        *allow("dynamodb", pipeline.names.table, "Scan"),
        *grants.invoking(pipeline),
        *grants.failures(pipeline),
        *grants.of_function(pipeline, "GetFunction"),
        *grants.jobs(pipeline),
    )


def gallery(pipeline: Pipeline) -> Iterator[Grant]:
    """Return what it takes to make the page anew."""
    names, parts = pipeline.names, page.parts_of(pipeline)
    for resource in parts:
        yield from permissions(resource).read
    yield from permissions(parts.page).update
    yield from allow("lambda", names.page_function, "InvokeFunction")
    yield from allow("cloudfront", names.distribution, "CreateInvalidation")
