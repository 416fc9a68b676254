"""Which IAM actions a call of AWS's API asks for: its own name, or what this table says.

After the service authorization reference, and each operation's page of the API reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html (and its
neighbours). Most actions are called as the operation; only the others stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from botocore.session import get_session

Parameters = Mapping[str, Any]

PREFIXES: Final = {
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
    "pricing-plan-manager": "pricingplanmanager",
    "s3control": "s3",
}
"""The services whose actions do not begin with botocore's name of the service."""

RENAMED: Final = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListParts": "s3:ListMultipartUploadParts",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:GetLayerVersionByArn": "lambda:GetLayerVersion",
    "cloudfront:CreateDistributionWithTags": "cloudfront:CreateDistribution",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}
"""The operations whose action has another name."""


def _tagged(action: str, *path: str) -> Callable[[Parameters], Iterator[str]]:
    """Return what yields ``action`` where the parameters hold anything under ``path``."""

    def asked(parameters: Parameters) -> Iterator[str]:
        found: Any = parameters
        for name in path:
            found = (found or {}).get(name)
        if found:
            yield action

    return asked


BESIDES: Final = {
    "s3:CreateBucket": [_tagged("s3:TagResource", "CreateBucketConfiguration", "Tags")],
    "s3:DeleteObject": [_tagged("s3:DeleteObjectVersion", "VersionId")],
    "s3:DeleteObjects": [lambda _: iter(["s3:DeleteObjectVersion"])],
    "lambda:CreateFunction": [
        _tagged("iam:PassRole", "Role"),
        _tagged("lambda:GetLayerVersion", "Layers"),
        _tagged("lambda:TagResource", "Tags"),
    ],
    "lambda:UpdateFunctionConfiguration": [
        _tagged("iam:PassRole", "Role"),
        _tagged("lambda:GetLayerVersion", "Layers"),
    ],
    "dynamodb:CreateTable": [_tagged("dynamodb:TagResource", "Tags")],
    "sqs:CreateQueue": [_tagged("sqs:TagQueue", "tags")],
    "sns:CreateTopic": [_tagged("sns:TagResource", "Tags")],
    "cloudwatch:PutMetricAlarm": [_tagged("cloudwatch:TagResource", "Tags")],
    "logs:CreateLogGroup": [_tagged("logs:TagResource", "tags")],
    "s3:CreateJob": [_tagged("iam:PassRole", "RoleArn"), _tagged("s3:PutJobTagging", "Tags")],
    "iam:CreateRole": [_tagged("iam:TagRole", "Tags")],
    "cloudfront:CreateDistributionWithTags": [lambda _: iter(["cloudfront:TagResource"])],
}
"""What an operation asks for besides, and when."""

UNASKED: Final = {"sts:GetCallerIdentity"}
"""What everybody may call: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""

PERMISSION_ONLY: Final = {
    "s3:GetAccountPublicAccessBlock",
    "iam:PassRole",
    "s3:TagResource",
    "s3:DeleteObjectVersion",
}
"""Actions that no operation of these services is called after."""


def actions_of(service: str, operation: str, parameters: Parameters) -> set[str]:
    """Return the actions that a call asks for, given botocore's names and parameters."""
    called = f"{PREFIXES.get(service, service)}:{operation}"
    if called in UNASKED:
        return set()
    besides = (each for asked in BESIDES.get(called, []) for each in asked(parameters))
    return {RENAMED.get(called, called), *besides}


def known(action: str) -> bool:
    """Say whether IAM has this action, as far as botocore's operations and the tables tell."""
    prefix, _, name = action.partition(":")
    services = [before for before, after in PREFIXES.items() if after == prefix]
    own = [] if prefix in {*PREFIXES.values()} - {"s3"} else [prefix]
    called = any(name in _operations(each) for each in [*services, *own])
    renamed = called and f"{prefix}:{name}" not in RENAMED
    return renamed or action in RENAMED.values() or action in PERMISSION_ONLY


@cache
def _operations(service: str) -> frozenset[str]:
    return frozenset(get_session().get_service_model(service).operation_names)


class Asked(set[str]):
    """The actions that the calls so far asked for."""

    def note(self, params: Parameters, model: Any, **_: object) -> None:
        """Receive botocore's ``provide-client-params`` event."""
        self.update(actions_of(model.service_model.service_name, model.name, params))
