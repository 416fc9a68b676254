"""What stands in an account, asked of every service itself and not of imgpipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


def standing(aws: Aws) -> dict[str, Any]:
    """Return whatever there is, by service; a service that holds nothing is left out."""
    functions, cloudfront = aws.client("lambda"), aws.client("cloudfront")
    distributions = cloudfront.list_distributions()["DistributionList"]
    controls = cloudfront.list_origin_access_controls()["OriginAccessControlList"]
    there = {
        "buckets": aws.client("s3").list_buckets()["Buckets"],
        "tables": aws.client("dynamodb").list_tables()["TableNames"],
        "functions": functions.list_functions()["Functions"],
        "mappings": functions.list_event_source_mappings()["EventSourceMappings"],
        "layers": functions.list_layers()["Layers"],
        "roles": aws.client("iam").list_roles()["Roles"],
        "queues": aws.client("sqs").list_queues().get("QueueUrls", []),
        "log groups": aws.client("logs").describe_log_groups()["logGroups"],
        "distributions": distributions.get("Items", []),
        "edge functions": cloudfront.list_functions()["FunctionList"].get("Items", []),
        "key value stores": cloudfront.list_key_value_stores()["KeyValueStoreList"].get(
            "Items", []
        ),
        "topics": aws.client("sns").list_topics()["Topics"],
        "alarms": aws.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "origin access controls": controls.get("Items", []),
    }
    return {name: things for name, things in there.items() if things}
