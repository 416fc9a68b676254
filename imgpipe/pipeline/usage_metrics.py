"""THE table of the metrics that tell what a pipeline used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handler.schema import SOURCE_INDEX, TIME_INDEX

if TYPE_CHECKING:
    from imgpipe.pipeline.names import Names

# CloudFront's metrics are in one region, whatever region the pipeline is in:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
_CDN_REGION: Final = "us-east-1"
_CDN: Final = "AWS/CloudFront"
_GLOBAL: Final = {"Region": "Global"}
_INDEX: Final = "GlobalSecondaryIndexName"


@dataclass(frozen=True)
class Metric:
    """A metric of CloudWatch's: its namespace, its name, its dimensions."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    region: str | None = None


def metrics(names: Names, distribution: str) -> dict[str, list[Metric]]:
    """Return the metrics of each of ``Usage``'s flows, which are summed up.

    ``distribution`` is its id, empty where there is none yet.
    """
    table = {"TableName": names.table}
    stores = [table, *({**table, _INDEX: name} for name in (SOURCE_INDEX, TIME_INDEX))]
    at_the_edges = {"FunctionName": names.edge_function, **_GLOBAL}
    return {
        "invocations": [_lambda("Invocations", names.function)],
        "milliseconds": [_lambda("Duration", names.function)],
        "page_invocations": [_lambda("Invocations", names.page_function)],
        "page_milliseconds": [_lambda("Duration", names.page_function)],
        "delivery_invocations": [_lambda("Invocations", names.delivery_function)],
        "delivery_milliseconds": [_lambda("Duration", names.delivery_function)],
        "edge_runs": [Metric(_CDN, "FunctionInvocations", at_the_edges, _CDN_REGION)],
        "rows": [_units("Write", table)],
        "written": [_units("Write", each) for each in stores],
        "read": [_units("Read", each) for each in stores],
        "logged": [Metric("AWS/Logs", "IncomingBytes", {"LogGroupName": names.log_group})],
        "delivered": _of_cdn("BytesDownloaded", distribution),
        "requests": _of_cdn("Requests", distribution),
    }


def _lambda(name: str, function: str) -> Metric:
    return Metric("AWS/Lambda", name, {"FunctionName": function})


def _units(what: str, store: Mapping[str, str]) -> Metric:
    return Metric("AWS/DynamoDB", f"Consumed{what}CapacityUnits", store)


def _of_cdn(name: str, distribution: str) -> list[Metric]:
    where = {"DistributionId": distribution, **_GLOBAL}
    return [Metric(_CDN, name, where, _CDN_REGION)] if distribution else []
