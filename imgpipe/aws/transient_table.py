"""Table of what AWS refuses now and accepts later, which botocore does not retry by itself.

AWS is eventually consistent: a bucket, role or function that was just made may not be seen by the
next call, and one change of a thing excludes another. ``Aws.eventually`` waits these answers out,
and ``tests/imgpipe/aws/test_transient.py`` gives each of them to every call that may meet it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imgpipe.aws.transient import Transient
from imgpipe.aws.transient_lambda import LAMBDA

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

# Terraform's provider has met more of these than AWS documents.
_TERRAFORM: Final = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service"
_DOCS: Final = "https://docs.aws.amazon.com"
_ROLE: Final = f"{_TERRAFORM}/iam/role.go"
_CONCURRENT_IAM: Final = "https://github.com/hashicorp/terraform-provider-aws/pull/39429"
_IAM_DELAYS: Final = f"{_DOCS}/IAM/latest/UserGuide/troubleshoot.html"
_BUCKET: Final = f"{_TERRAFORM}/s3/bucket.go"
_TABLE: Final = f"{_TERRAFORM}/dynamodb/table.go"
_QUEUE: Final = f"{_DOCS}/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"
_LOGS: Final = f"{_DOCS}/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html"
_DISTRIBUTION: Final = f"{_TERRAFORM}/cloudfront/distribution.go"
_CERTIFICATE: Final = f"{_TERRAFORM}/acm/certificate.go"

_IN_USE: Final = "ResourceInUseException"
_NOT_FOUND: Final = "ResourceNotFoundException"

_BUCKET_SETTINGS: Final = (
    "PutPublicAccessBlock PutBucketOwnershipControls PutBucketEncryption PutBucketTagging "
    "PutBucketLifecycleConfiguration PutBucketPolicy PutBucketNotificationConfiguration"
)
_UNSET: Final = "DeletePublicAccessBlock DeleteBucketLifecycle DeleteBucketTagging"
_ROLE_CHANGES: Final = (
    "CreateRole UpdateAssumeRolePolicy PutRolePolicy DeleteRolePolicy AttachRolePolicy "
    "DetachRolePolicy TagRole DeleteRole PutRolePermissionsBoundary"
)
_NAMED: Final = "CreateDistributionWithTags UpdateDistribution"
_WITH_ETAG: Final = (
    "UpdateDistribution DeleteDistribution UpdateOriginAccessControl DeleteOriginAccessControl "
    "UpdateFunction PublishFunction DeleteFunction"
)


def _outdated(code: str) -> Transient:
    """Return a row for an ETag that somebody's change has outdated since it was read.

    The same code keeps a distribution until its pricing plan's month is over:
    https://github.com/ekristen/aws-nuke/issues/1024.
    """
    return Transient("cloudfront", _WITH_ETAG, code, 60, _DISTRIBUTION, unless="pricing plan")


TRANSIENTS: Final = (
    *LAMBDA,
    Transient("iam", _ROLE_CHANGES, "ConcurrentModification", 120, _CONCURRENT_IAM),
    # A managed policy that is not there stays away; a role that was just made does not.
    Transient(
        "iam",
        "PutRolePolicy AttachRolePolicy",
        "NoSuchEntity",
        120,
        _IAM_DELAYS,
        text="role with name",
    ),
    Transient(
        "iam",
        "CreateRole UpdateAssumeRolePolicy",
        "MalformedPolicyDocument",
        120,
        _ROLE,
        text="Invalid principal in policy",
    ),
    Transient("iam", "DeleteRole", "DeleteConflict", 120, _ROLE),
    Transient("s3", f"{_BUCKET_SETTINGS} PutObject", "NoSuchBucket", 120, _BUCKET),
    Transient(
        "s3",
        f"CreateBucket {_BUCKET_SETTINGS} {_UNSET} DeleteBucketPolicy DeleteBucket",
        "OperationAborted",
        120,
        _BUCKET,
    ),
    Transient("s3", "PutBucketPolicy", "MalformedPolicy", 120, f"{_TERRAFORM}/s3/bucket_policy.go"),
    Transient(
        "s3",
        "PutBucketNotificationConfiguration",
        "InvalidArgument",
        120,
        f"{_TERRAFORM}/s3/bucket_notification.go",
        text="Unable to validate the following destination",
    ),
    # An invocation that still runs may write once more.
    Transient("s3", "DeleteBucket", "BucketNotEmpty", 120, _BUCKET),
    # A table whose namesake is still going, and an account that changes many tables at once.
    Transient("dynamodb", "CreateTable", _IN_USE, 300, _TABLE, unless="already exists"),
    Transient(
        "dynamodb",
        "UpdateTable UpdateContinuousBackups TagResource DeleteTable",
        _IN_USE,
        300,
        _TABLE,
    ),
    Transient(
        "dynamodb",
        "CreateTable UpdateTable DeleteTable",
        "LimitExceededException",
        300,
        _TABLE,
        text="simultaneously",
    ),
    Transient(
        "dynamodb", "UpdateContinuousBackups", "ContinuousBackupsUnavailableException", 300, _TABLE
    ),
    Transient("dynamodb", "UpdateContinuousBackups", "TableNotFoundException", 60, _TABLE),
    # A deleted queue's name may not be used again for 60 s.
    Transient("sqs", "CreateQueue", "AWS.SimpleQueueService.QueueDeletedRecently", 75, _QUEUE),
    Transient("sqs", "CreateQueue", "QueueDeletedRecently", 75, _QUEUE),
    Transient(
        "logs",
        "CreateLogGroup PutRetentionPolicy DeleteLogGroup",
        "OperationAbortedException",
        120,
        _LOGS,
    ),
    Transient("logs", "PutRetentionPolicy", _NOT_FOUND, 60, f"{_TERRAFORM}/logs/group.go"),
    _outdated("PreconditionFailed"),
    _outdated("InvalidIfMatchVersion"),
    # CloudFront has not heard yet of a certificate that was issued a moment ago.
    Transient(
        "cloudfront", _NAMED, "InvalidViewerCertificate", 120, _DISTRIBUTION, "doesn't exist"
    ),
    # CloudFront lets go of it long after its distribution is gone, or has another.
    Transient("acm", "DeleteCertificate", _IN_USE, 1200, _CERTIFICATE),
    # AWS's parts do not agree yet that it is disabled, or gone.
    Transient("cloudfront", "DeleteDistribution", "DistributionNotDisabled", 180, _DISTRIBUTION),
    Transient(
        "cloudfront",
        "DeleteOriginAccessControl",
        "OriginAccessControlInUse",
        300,
        f"{_TERRAFORM}/cloudfront/origin_access_control.go",
    ),
    Transient(
        "cloudfront",
        "DeleteFunction",
        "FunctionInUse",
        300,
        f"{_DOCS}/cloudfront/latest/APIReference/API_DeleteFunction.html",
    ),
    Transient(
        "cloudfront",
        "DeleteKeyValueStore",
        "CannotDeleteEntityWhileInUse",
        300,
        f"{_DOCS}/cloudfront/latest/APIReference/API_DeleteKeyValueStore.html",
    ),
    # Somebody else wrote since the ETag was read.
    Transient(
        "cloudfront-keyvaluestore",
        "UpdateKeys",
        "ConflictException",
        60,
        f"{_DOCS}/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html",
    ),
)


def transient_of(service: str, error: ClientError) -> Transient | None:
    """Return the row for what ``service`` answered; ``None`` for an answer that stays."""
    rows = (row for row in TRANSIENTS if row.service == service)
    return next((row for row in rows if row.fits(error)), None)
