"""What the functions' roles must not do: each a call, with what it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from handler.gallery import INDEX_KEY
from tests.support.functions import empty_zip

if TYPE_CHECKING:
    from tests.support.role_account import RoleAccount

OTHER: Final = "somebody-elses"
RESULT: Final = "processed-a.jpg"
_TRUST: Final = "{}"

Call = tuple[str, str, Mapping[str, Any]]
"""A service, an operation of its client, and the parameters."""


def make_others(account: RoleAccount) -> None:
    """Make a bucket, a table, a queue and a log group that are not the pipeline's."""
    aws = account.aws
    aws.client("s3").create_bucket(Bucket=OTHER)
    aws.client("s3").put_object(Bucket=OTHER, Key="a.jpg", Body=b"a")
    aws.client("s3").put_object(Bucket=account.names.destination_bucket, Key=RESULT, Body=b"a")
    aws.client("dynamodb").create_table(
        TableName=OTHER,
        KeySchema=[{"AttributeName": "filename", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "filename", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.client("sqs").create_queue(QueueName=OTHER)
    aws.client("logs").create_log_group(logGroupName=OTHER)
    aws.client("logs").create_log_stream(logGroupName=OTHER, logStreamName=OTHER)


def common(account: RoleAccount) -> list[Call]:
    """What neither role may do."""
    names, aws = account.names, account.aws
    source, results = names.source_bucket, names.destination_bucket
    key = {"filename": {"S": RESULT}}
    group = {"logGroupName": names.log_group}
    queues = {name: _queue(account, name) for name in (names.queue, OTHER)}
    event = {"timestamp": 1_800_000_000_000, "message": "a line"}
    role = aws.client("iam").get_role(RoleName=names.role)["Role"]
    buckets: list[Call] = [
        ("s3", operation, {"Bucket": bucket, **more})
        for bucket in (source, results)
        for operation, more in (
            ("delete_bucket", {}),
            ("put_bucket_policy", {"Policy": "{}"}),
            ("get_bucket_policy", {}),
            ("delete_public_access_block", {}),
            ("put_bucket_notification_configuration", {"NotificationConfiguration": {}}),
            ("delete_object", {"Key": "a.jpg"}),
            ("put_object", {"Key": "a.jpg", "Body": b""}),
            ("put_object", {"Key": "index.html", "Body": b""}),
        )
    ]
    return [
        *buckets,
        ("s3", "get_object", {"Bucket": OTHER, "Key": "a.jpg"}),
        ("s3", "put_object", {"Bucket": OTHER, "Key": RESULT, "Body": b""}),
        ("s3", "delete_object", {"Bucket": OTHER, "Key": "a.jpg"}),
        ("s3", "list_objects_v2", {"Bucket": OTHER}),
        ("s3", "list_buckets", {}),
        ("s3", "create_bucket", {"Bucket": f"{OTHER}-too"}),
        ("s3", "put_object", {"Bucket": source, "Key": RESULT, "Body": b""}),
        ("dynamodb", "scan", {"TableName": names.table}),
        ("dynamodb", "delete_table", {"TableName": names.table}),
        ("dynamodb", "get_item", {"TableName": names.table, "Key": key}),
        ("dynamodb", "put_item", {"TableName": OTHER, "Item": key}),
        ("dynamodb", "delete_item", {"TableName": OTHER, "Key": key}),
        ("dynamodb", "batch_get_item", {"RequestItems": {OTHER: {"Keys": [key]}}}),
        ("logs", "delete_log_group", group),
        ("logs", "delete_log_stream", {**group, "logStreamName": OTHER}),
        ("logs", "get_log_events", {**group, "logStreamName": OTHER}),
        ("logs", "create_log_group", {"logGroupName": f"{OTHER}-too"}),
        (
            "logs",
            "put_log_events",
            {"logGroupName": OTHER, "logStreamName": OTHER, "logEvents": [event]},
        ),
        ("sqs", "receive_message", {"QueueUrl": queues[names.queue]}),
        ("sqs", "purge_queue", {"QueueUrl": queues[names.queue]}),
        ("sqs", "send_message", {"QueueUrl": queues[OTHER], "MessageBody": "{}"}),
        ("lambda", "invoke", {"FunctionName": names.function}),
        ("lambda", "invoke", {"FunctionName": names.page_function}),
        ("lambda", "get_function", {"FunctionName": names.function}),
        ("lambda", "delete_function", {"FunctionName": names.function}),
        (
            "lambda",
            "update_function_code",
            {"FunctionName": names.function, "ZipFile": empty_zip()},
        ),
        ("iam", "get_role", {"RoleName": names.role}),
        ("iam", "list_users", {}),
        ("iam", "create_user", {"UserName": OTHER}),
        ("iam", "create_access_key", {}),
        (
            "iam",
            "put_role_policy",
            {"RoleName": names.role, "PolicyName": OTHER, "PolicyDocument": _TRUST},
        ),
        ("sts", "assume_role", {"RoleArn": role["Arn"], "RoleSessionName": OTHER}),
        ("cloudfront", "get_distribution", {"Id": account.distribution}),
    ]


def picture_role(account: RoleAccount) -> list[Call]:
    """What the role of the one that opens strangers' pictures may not do."""
    results, table = account.names.destination_bucket, account.names.table
    return [
        *common(account),
        ("s3", "get_object", {"Bucket": results, "Key": RESULT}),
        ("s3", "put_object", {"Bucket": results, "Key": INDEX_KEY, "Body": b""}),
        ("s3", "delete_object", {"Bucket": results, "Key": INDEX_KEY}),
        ("dynamodb", "update_item", {"TableName": table, "Key": {"filename": {"S": RESULT}}}),
        ("cloudfront", "create_invalidation", _invalidation(account.distribution)),
    ]


def page_role(account: RoleAccount) -> list[Call]:
    """What the role of the page's function may not do."""
    names = account.names
    results, key = names.destination_bucket, {"filename": {"S": RESULT}}
    return [
        *common(account),
        ("s3", "get_object", {"Bucket": names.source_bucket, "Key": "a.jpg"}),
        ("s3", "list_objects_v2", {"Bucket": names.source_bucket}),
        ("s3", "get_object", {"Bucket": results, "Key": RESULT}),
        ("s3", "put_object", {"Bucket": results, "Key": RESULT, "Body": b""}),
        ("s3", "delete_object", {"Bucket": results, "Key": RESULT}),
        ("s3", "delete_object", {"Bucket": results, "Key": INDEX_KEY}),
        ("dynamodb", "put_item", {"TableName": names.table, "Item": key}),
        ("dynamodb", "delete_item", {"TableName": names.table, "Key": key}),
        ("cloudfront", "create_invalidation", _invalidation("E1SOMEBODYELSES")),
        ("lambda", "get_function_configuration", {"FunctionName": names.function}),
    ]


DENIED: Final[Mapping[str, Callable[[RoleAccount], list[Call]]]] = {
    "role": picture_role,
    "page_role": page_role,
}


def _queue(account: RoleAccount, name: str) -> str:
    return str(account.aws.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def _invalidation(distribution: str) -> dict[str, Any]:
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "1"}
    return {"DistributionId": distribution, "InvalidationBatch": batch}
