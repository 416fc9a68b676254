"""What it takes to keep pictures, rows, lines and failures, and what is put on a bucket."""

from __future__ import annotations

from handler.gallery import INDEX_KEY, PAGE_PREFIX
from handler.plain_page import PLAIN_KEY
from imgpipe.aws.actions import allow
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_notification import BucketNotification
from imgpipe.resources.bucket_policy import BucketPolicy
from imgpipe.resources.gallery_data import OF_OLD, GalleryData
from imgpipe.resources.index_page import IndexPage
from imgpipe.resources.log_group import LogGroup
from imgpipe.resources.permissions._of import Permissions, permissions
from imgpipe.resources.queue import Queue
from imgpipe.resources.table import Table

_SWITCHES = "PutBucketPublicAccessBlock"
_LIFECYCLE = "PutLifecycleConfiguration"
_TAGS = "PutBucketTagging"


@permissions.register
def _bucket(bucket: Bucket) -> Permissions:
    """HeadBucket asks for ListBucket; tags given at creation ask for a right of their own.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    """
    name, objects = bucket.name, f"{bucket.name}/*"
    return Permissions(
        read=allow(
            "s3",
            name,
            "ListBucket",
            "GetBucketPublicAccessBlock",
            "GetBucketOwnershipControls",
            "GetEncryptionConfiguration",
            "GetLifecycleConfiguration",
            "GetBucketTagging",
        ),
        create=allow("s3", name, "CreateBucket", "TagResource"),
        update=allow(
            "s3",
            name,
            _SWITCHES,
            "PutBucketOwnershipControls",
            "PutEncryptionConfiguration",
            _LIFECYCLE,
            _TAGS,
        ),
        delete=(
            *allow("s3", name, "DeleteBucket", "ListBucketVersions", "ListBucketMultipartUploads"),
            *allow("s3", name, "GetBucketObjectLockConfiguration"),
            *allow("s3", objects, "DeleteObject", "DeleteObjectVersion", "AbortMultipartUpload"),
            *(allow("s3", name, _SWITCHES, _LIFECYCLE, _TAGS) if name in bucket.adopt else ()),
        ),
    )


@permissions.register
def _notification(notification: BucketNotification) -> Permissions:
    put = allow("s3", notification.bucket.name, "PutBucketNotification")
    read = allow("s3", notification.bucket.name, "GetBucketNotification")
    return Permissions(read, put, put, put)


@permissions.register
def _bucket_policy(policy: BucketPolicy) -> Permissions:
    name = policy.bucket.name
    put = allow("s3", name, "PutBucketPolicy")
    return Permissions(
        allow("s3", name, "GetBucketPolicy"),
        put,
        put,
        # What others put beside ours is put back without it.
        (*put, *allow("s3", name, "DeleteBucketPolicy")),
    )


@permissions.register
def _index_page(page: IndexPage) -> Permissions:
    bucket = page.bucket.name
    entry, others = f"{bucket}/{page.name}", f"{bucket}/gallery/*"
    read = (*allow("s3", entry, "GetObject"), *allow("s3", others, "GetObject"))
    put = (*allow("s3", entry, "PutObject"), *allow("s3", others, "PutObject"))
    gone = (*allow("s3", entry, "DeleteObject"), *allow("s3", others, "DeleteObject"))
    return Permissions(read, (*read, *put), (*read, *put, *gone), gone)


@permissions.register
def _gallery_data(data: GalleryData) -> Permissions:
    bucket = data.bucket.name
    index, old, plain, pages = (
        f"{bucket}/{key}" for key in (INDEX_KEY, OF_OLD, PLAIN_KEY, f"{PAGE_PREFIX}*")
    )
    fill = (
        *allow("lambda", data.function.name, "InvokeFunction"),
        *allow("s3", old, "GetObject", "DeleteObject"),
    )
    return Permissions(
        read=allow("s3", index, "GetObject"),
        create=fill,
        update=fill,
        delete=(
            *allow("s3", bucket, "ListBucket"),
            *allow("s3", index, "DeleteObject"),
            *allow("s3", plain, "DeleteObject"),
            *allow("s3", pages, "DeleteObject"),
        ),
    )


@permissions.register
def _table(table: Table) -> Permissions:
    name = table.name
    recovery = allow("dynamodb", name, "UpdateContinuousBackups")
    return Permissions(
        read=allow(
            "dynamodb", name, "DescribeTable", "DescribeContinuousBackups", "ListTagsOfResource"
        ),
        create=(*allow("dynamodb", name, "CreateTable", "TagResource"), *recovery),
        update=(
            *allow("dynamodb", name, "UpdateTable", "TagResource", "Scan", "UpdateItem"),
            *recovery,
        ),
        delete=(*allow("dynamodb", name, "DeleteTable"), *recovery),
    )


@permissions.register
def _queue(queue: Queue) -> Permissions:
    return Permissions(
        allow("sqs", queue.name, "GetQueueUrl", "GetQueueAttributes", "ListQueueTags"),
        allow("sqs", queue.name, "CreateQueue", "TagQueue"),
        allow("sqs", queue.name, "SetQueueAttributes", "TagQueue"),
        allow("sqs", queue.name, "DeleteQueue"),
    )


@permissions.register
def _log_group(group: LogGroup) -> Permissions:
    return Permissions(
        allow("logs", group.name, "DescribeLogGroups", "ListTagsForResource"),
        allow("logs", group.name, "CreateLogGroup", "TagResource", "PutRetentionPolicy"),
        allow("logs", group.name, "PutRetentionPolicy", "TagResource"),
        allow("logs", group.name, "DeleteLogGroup"),
    )
