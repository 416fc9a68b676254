"""The pipeline's IAM policies: pure functions from ARNs to a document or statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from handler.gallery import INDEX_KEY, PAGE_PREFIX
from handler.keys import PREFIX
from handler.plain_page import PLAIN_KEY
from handler.schema import SOURCE_INDEX, TIME_INDEX

Policy = dict[str, Any]
Statement = dict[str, Any]

_LAMBDA: Final = "lambda.amazonaws.com"
VERSION: Final = "2012-10-17"
_STREAM_ACTIONS: Final = tuple(
    f"dynamodb:{action}"
    for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
)
# The three the guide attaches; they reach every bucket, table and log group of the account.
_MANAGED: Final = ("AmazonDynamoDBFullAccess", "AmazonS3FullAccess", "CloudWatchLogsFullAccess")


def trust_policy() -> Policy:
    """Return the policy that lets Lambda, and nobody else, assume the role."""
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": _LAMBDA},
            "Action": "sts:AssumeRole",
        }
    )


def lets_lambda_in(trust: Policy) -> bool:
    """Say whether a role's trust policy lets Lambda assume it, on whatever condition."""
    statements = trust["Statement"]
    return any(
        each.get("Effect") == "Allow"
        and _LAMBDA in _services(each.get("Principal"))
        and {"sts:AssumeRole", "sts:*", "*"} & set(_listed(each.get("Action")))
        for each in (statements if isinstance(statements, list) else [statements])
    )


def execution_policy(
    source_arn: str, destination_arn: str, table_arn: str, log_group_arn: str, queue_arn: str
) -> Policy:
    """Return the least the function needs: read sources, write results, rows, logs and failures.

    ``s3:ListBucket`` is there because without it S3 answers 403 for a missing key, and a picture
    deleted before its turn would look like a missing permission. ``logs:CreateLogGroup`` is not, so
    that a late invocation cannot bring back a deleted log group. ``log_group_arn`` comes without
    the trailing ``:*``. What it takes to follow removals is in ``removal_statements``. The page and
    its data lie among the results under other names: who opens strangers' files may write neither.
    """
    return _policy(
        allow("ReadSources", ["s3:GetObject"], f"{source_arn}/*"),
        allow("TellMissingFromForbidden", ["s3:ListBucket"], source_arn),
        allow("WriteResults", ["s3:PutObject"], f"{destination_arn}/*{PREFIX}*"),
        allow("WriteMetadata", ["dynamodb:PutItem"], table_arn),
        _logs(log_group_arn),
        _failures(queue_arn),
    )


def removal_statements(destination_arn: str, table_arn: str) -> tuple[Statement, ...]:
    """Return what it takes to delete a removed source's results, nothing but results, and rows.

    Whether a result is still there is looked at, too.
    """
    return (
        allow("FindResults", ["s3:ListBucket"], destination_arn),
        allow("RemoveResults", ["s3:DeleteObject"], f"{destination_arn}/*{PREFIX}*"),
        allow("RemoveMetadata", ["dynamodb:BatchGetItem", "dynamodb:DeleteItem"], table_arn),
        allow("FindMetadata", ["dynamodb:Query"], f"{table_arn}/index/{SOURCE_INDEX}"),
    )


def page_policy(
    destination_arn: str, table_arn: str, log_group_arn: str, queue_arn: str, function_arn: str
) -> Policy:
    """Return the least that the page's function needs, but for invalidations.

    Read the table, its stream and its index by time; write the page's data, delete pages of it, and
    list the bucket: without that S3 answers 403 for data that is not there yet. Ask for its own
    configuration, which may be newer than the one it began with.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-example-lamda-process-dynamodb-streams.html
    """
    index, pages = f"{destination_arn}/{INDEX_KEY}", f"{destination_arn}/{PAGE_PREFIX}*"
    plain = f"{destination_arn}/{PLAIN_KEY}"
    return _policy(
        allow("ReadAndWriteIndex", ["s3:GetObject", "s3:PutObject"], index),
        allow("ReplacePages", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], pages),
        allow("WritePlainPage", ["s3:PutObject", "s3:DeleteObject"], plain),
        allow("ReadOwnSettings", ["lambda:GetFunctionConfiguration"], function_arn),
        allow("FindPages", ["s3:ListBucket"], destination_arn),
        allow("ReadMetadata", ["dynamodb:BatchGetItem"], table_arn),
        allow("ListMetadata", ["dynamodb:Query"], f"{table_arn}/index/{TIME_INDEX}"),
        allow("ReadStream", list(_STREAM_ACTIONS), f"{table_arn}/stream/*"),
        _logs(log_group_arn),
        _failures(queue_arn),
    )


def delivery_policy(source_arn: str, log_group_arn: str) -> Policy:
    """Return the least that the function of renditions on demand needs: read originals, and say so.

    Of a missing key S3 says so to who may list the bucket alone.
    """
    return _policy(
        allow("ReadSources", ["s3:GetObject"], f"{source_arn}/*"),
        allow("TellMissingFromForbidden", ["s3:ListBucket"], source_arn),
        _logs(log_group_arn),
    )


def invalidation_statement(distribution_arn: str) -> Statement:
    """Return the statement that lets results be forgotten by the edges of one distribution."""
    return allow("ForgetResults", ["cloudfront:CreateInvalidation"], distribution_arn)


def extended(policy: Policy, statements: Iterable[Statement]) -> Policy:
    """Return ``policy`` with further statements."""
    return {**policy, "Statement": [*policy["Statement"], *statements]}


def failures_policy(queue_arn: str) -> Policy:
    """Return what the guide's managed policies lack: the right to send to the failure queue."""
    return _policy(_failures(queue_arn))


def managed_policy_arns(partition: str) -> tuple[str, ...]:
    """Return the ARNs of the guide's three managed policies in ``partition`` (``aws``)."""
    return tuple(f"arn:{partition}:iam::aws:policy/{name}" for name in _MANAGED)


def tls_only_statement(bucket_arn: str) -> Statement:
    """Return the statement that denies everything over plain HTTP.

    It cannot lock CloudFront out: that fetches with its viewer's protocol, and viewers are
    redirected to HTTPS.
    """
    return {
        "Sid": "ImgpipeTlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def cloudfront_read_statement(bucket_arn: str, distribution_arn: str) -> Statement:
    """Return the statement that lets exactly one distribution read objects.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    return {
        "Sid": "ImgpipeCloudFrontRead",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"{bucket_arn}/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution_arn}},
    }


def open_to_the_world(statement: Statement) -> bool:
    """Say whether a resource's statement allows something to everybody, on no condition."""
    who = statement.get("Principal")
    named = who.get("AWS") if isinstance(who, dict) else who
    return (
        statement.get("Effect") == "Allow"
        and "*" in _listed(named)
        and not statement.get("Condition")
    )


def key_statements(source_key: str, destination_key: str) -> tuple[Statement, ...]:
    """Return what the function needs of the buckets' keys, given their ARNs; empty: no key.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    wanted = (
        ("DecryptSources", "kms:Decrypt", source_key),
        ("EncryptResults", "kms:GenerateDataKey", destination_key),
    )
    return tuple(allow(sid, [action], key) for sid, action, key in wanted if key)


def _services(principal: object) -> list[object]:
    return _listed(principal.get("Service")) if isinstance(principal, dict) else []


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _policy(*statements: Statement) -> Policy:
    return {"Version": VERSION, "Statement": list(statements)}


def allow(sid: str, actions: list[str], resource: str) -> Statement:
    """Return the statement that allows ``actions`` on ``resource``."""
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def _failures(queue_arn: str) -> Statement:
    return allow("ReportFailures", ["sqs:SendMessage"], queue_arn)


def _logs(log_group_arn: str) -> Statement:
    return allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], f"{log_group_arn}:*")
