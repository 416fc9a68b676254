"""Table of what AWS refuses now and accepts later, which botocore does not retry by itself.

AWS is eventually consistent: a bucket, role or function that was just made may not be seen by the next
call, and one change of a thing excludes another. ``Aws.eventually`` waits these answers out, and
``tests/imgpipe/aws/test_transient.py`` gives each of them to every call that may meet it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imgpipe.aws.errors import error_code, error_text

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Transient:
    """One answer that passes.

    Attributes:
        service: the service as boto3 names it.
        operations: the API operations that may give it.
        code: AWS's error code.
        seconds: for how long it may be given.
        source: where that is documented or was seen.
        text: what its message contains, where the code alone also means something that stays.
        unless: what its message contains when it is the kind that stays.
    """

    service: str
    operations: tuple[str, ...]
    code: str
    seconds: float
    source: str
    text: str = ""
    unless: str = ""

    def fits(self, error: ClientError) -> bool:
        """Say whether ``error``, of this service, is this answer."""
        message = error_text(error)
        return (
            error.operation_name in self.operations
            and error_code(error) == self.code
            and self.text in message
            and not (self.unless and self.unless in message)
        )


# Terraform's provider has met more of these than AWS documents.
_TERRAFORM: Final = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service"
_LAMBDA_STATES: Final = "https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html"
_CLOUDFRONT: Final = f"{_TERRAFORM}/cloudfront/distribution.go"
_FUNCTION: Final = f"{_TERRAFORM}/lambda/function.go"
_DESTINATION: Final = f"{_TERRAFORM}/lambda/function_event_invoke_config.go"

_MADE_WITH_ROLE: Final = ("CreateFunction", "UpdateFunctionConfiguration")
_BUCKET_SETTINGS: Final = (
    "PutPublicAccessBlock",
    "PutBucketOwnershipControls",
    "PutBucketEncryption",
    "PutBucketLifecycleConfiguration",
    "PutBucketTagging",
    "PutBucketPolicy",
    "PutBucketNotificationConfiguration",
)
_ROLE_CHANGES: Final = (
    "CreateRole",
    "UpdateAssumeRolePolicy",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "TagRole",
    "DeleteRole",
)
_ROLE_FIRST_USES: Final = ("PutRolePolicy", "AttachRolePolicy")
_TABLE_CHANGES: Final = ("CreateTable", "UpdateTable", "DeleteTable")


TRANSIENTS: Final = (
    # IAM tells Lambda of a new role, and KMS of its grant, within seconds as a rule.
    *(
        Transient(
            "lambda", _MADE_WITH_ROLE, "InvalidParameterValueException", 300, _FUNCTION, text=text
        )
        for text in (
            "cannot be assumed by Lambda",
            "execution role does not have permissions",
            "KMS key is invalid for CreateGrant",
        )
    ),
    Transient(
        "lambda",
        _MADE_WITH_ROLE,
        "InvalidParameterValueException",
        840,
        _FUNCTION,
        text="throttled by EC2",
    ),
    Transient(
        "lambda",
        ("CreateFunction",),
        "ResourceConflictException",
        300,
        _FUNCTION,
        unless="already exist",
    ),
    Transient(
        "lambda",
        (
            "UpdateFunctionConfiguration",
            "UpdateFunctionCode",
            "DeleteFunction",
            "PutFunctionEventInvokeConfig",
            "RemovePermission",
            "TagResource",
            "Invoke",
        ),
        "ResourceConflictException",
        300,
        _LAMBDA_STATES,
    ),
    Transient(
        "lambda",
        ("AddPermission",),
        "ResourceConflictException",
        300,
        f"{_TERRAFORM}/lambda/permission.go",
        # The statement's id is taken: read what it says, do not send it again.
        unless="already exists",
    ),
    Transient(
        "lambda",
        ("AddPermission", "PutFunctionEventInvokeConfig", "TagResource", "Invoke"),
        "ResourceNotFoundException",
        60,
        f"{_TERRAFORM}/lambda/permission.go",
    ),
    *(
        Transient(
            "lambda",
            ("PutFunctionEventInvokeConfig",),
            "InvalidParameterValueException",
            120,
            _DESTINATION,
            text=text,
        )
        for text in ("destination ARN", "does not have permissions")
    ),
    Transient("lambda", ("Invoke",), "ResourceNotReadyException", 300, _LAMBDA_STATES),
    # Refused before it ran, and botocore does not send an Invoke twice (see ``Aws.invoker``).
    Transient(
        "lambda",
        ("Invoke",),
        "TooManyRequestsException",
        300,
        "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html",
    ),
    Transient(
        "lambda",
        ("Invoke",),
        "KMSAccessDeniedException",
        120,
        "https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html",
    ),
    # Several changes of one role at once, of whoever makes them.
    Transient(
        "iam",
        _ROLE_CHANGES,
        "ConcurrentModification",
        120,
        "https://github.com/hashicorp/terraform-provider-aws/pull/39429",
    ),
    # A managed policy that is not there stays away; a role just made does not.
    Transient(
        "iam",
        _ROLE_FIRST_USES,
        "NoSuchEntity",
        120,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html",
        text="role with name",
    ),
    Transient(
        "iam",
        ("CreateRole", "UpdateAssumeRolePolicy"),
        "MalformedPolicyDocument",
        120,
        f"{_TERRAFORM}/iam/role.go",
        text="Invalid principal in policy",
    ),
    Transient("iam", ("DeleteRole",), "DeleteConflict", 120, f"{_TERRAFORM}/iam/role.go"),
    # A bucket just made is not known everywhere, and takes one change at a time.
    Transient(
        "s3",
        (*_BUCKET_SETTINGS, "PutObject"),
        "NoSuchBucket",
        120,
        f"{_TERRAFORM}/s3/bucket.go",
    ),
    Transient(
        "s3",
        ("CreateBucket", *_BUCKET_SETTINGS, "DeleteBucketPolicy", "DeleteBucket"),
        "OperationAborted",
        120,
        f"{_TERRAFORM}/s3/bucket.go",
    ),
    Transient(
        "s3", ("PutBucketPolicy",), "MalformedPolicy", 120, f"{_TERRAFORM}/s3/bucket_policy.go"
    ),
    Transient(
        "s3",
        ("PutBucketNotificationConfiguration",),
        "InvalidArgument",
        120,
        f"{_TERRAFORM}/s3/bucket_notification.go",
        text="Unable to validate the following destination",
    ),
    # An invocation that still runs may write once more.
    Transient("s3", ("DeleteBucket",), "BucketNotEmpty", 120, f"{_TERRAFORM}/s3/bucket.go"),
    # A table whose namesake is still going, and an account that changes many tables at once.
    Transient(
        "dynamodb",
        ("CreateTable",),
        "ResourceInUseException",
        300,
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html",
        unless="already exists",
    ),
    Transient(
        "dynamodb",
        ("UpdateTable", "UpdateContinuousBackups", "TagResource", "DeleteTable"),
        "ResourceInUseException",
        300,
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html",
    ),
    Transient(
        "dynamodb",
        _TABLE_CHANGES,
        "LimitExceededException",
        300,
        f"{_TERRAFORM}/dynamodb/table.go",
        text="simultaneously",
    ),
    Transient(
        "dynamodb",
        ("UpdateContinuousBackups",),
        "ContinuousBackupsUnavailableException",
        300,
        f"{_TERRAFORM}/dynamodb/table.go",
    ),
    Transient(
        "dynamodb",
        ("UpdateContinuousBackups",),
        "TableNotFoundException",
        60,
        f"{_TERRAFORM}/dynamodb/table.go",
    ),
    # A deleted queue's name may not be used again for 60 s.
    *(
        Transient(
            "sqs",
            ("CreateQueue",),
            code,
            75,
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
        )
        for code in ("AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently")
    ),
    Transient(
        "logs",
        ("CreateLogGroup", "PutRetentionPolicy", "DeleteLogGroup"),
        "OperationAbortedException",
        120,
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html",
    ),
    Transient(
        "logs",
        ("PutRetentionPolicy",),
        "ResourceNotFoundException",
        60,
        f"{_TERRAFORM}/logs/group.go",
    ),
    # Somebody changed it since its ETag was read, or AWS's parts do not agree yet that it is disabled.
    *(
        Transient(
            "cloudfront",
            (
                "UpdateDistribution",
                "DeleteDistribution",
                "UpdateOriginAccessControl",
                "DeleteOriginAccessControl",
            ),
            code,
            60,
            _CLOUDFRONT,
            # https://github.com/ekristen/aws-nuke/issues/1024: the same code, until the month is over.
            unless="pricing plan",
        )
        for code in ("PreconditionFailed", "InvalidIfMatchVersion")
    ),
    Transient("cloudfront", ("DeleteDistribution",), "DistributionNotDisabled", 180, _CLOUDFRONT),
    Transient(
        "cloudfront",
        ("DeleteOriginAccessControl",),
        "OriginAccessControlInUse",
        300,
        f"{_TERRAFORM}/cloudfront/origin_access_control.go",
    ),
)


def transient_of(service: str, error: ClientError) -> Transient | None:
    """Return the row for what ``service`` answered; ``None`` for an answer that stays."""
    rows = (row for row in TRANSIENTS if row.service == service)
    return next((row for row in rows if row.fits(error)), None)
