"""What the pipeline used this month, as CloudWatch's free metrics and the services tell it.

``GetMetricStatistics`` is free up to a million calls a month, and these are about twenty;
``GetMetricData`` and Cost Explorer cost money for every question. All metrics here are those that
AWS keeps by itself. S3 counts no requests unasked, so they are told by what causes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from imgpipe.aws.errors import or_none
from imgpipe.costs.estimate import Setting
from imgpipe.errors import not_set_up
from imgpipe.pipeline.usage_metrics import Metric, metrics

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.costs.prices import Prices
    from imgpipe.pipeline import Pipeline

_DAY: Final = 86_400
# So long a time is the pace at which the rest of the month is taken to go on.
PACE: Final = timedelta(days=7)


@dataclass(frozen=True)
class Flow:
    """What flows: how much in the month ``so_far``, and ``a_day`` of late."""

    so_far: float = 0.0
    a_day: float = 0.0


@dataclass(frozen=True)
class Usage:
    """What was used from the beginning of the month until ``now``, all in UTC.

    Durations are in milliseconds, ``stored`` and ``table`` in bytes as they are now, the rest as
    CloudWatch counts it. ``invalidations`` are counted as a path each.
    """

    now: datetime
    invocations: Flow
    milliseconds: Flow
    page_invocations: Flow
    page_milliseconds: Flow
    delivery_invocations: Flow
    delivery_milliseconds: Flow
    edge_runs: Flow
    rows: Flow
    written: Flow
    read: Flow
    logged: Flow
    delivered: Flow
    requests: Flow
    invalidations: Flow
    stored: float
    table: float


def month_of(now: datetime) -> datetime:
    """Return when the month of ``now`` began."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def deployed(pipeline: Pipeline, prices: Prices) -> Setting:
    """Return what the functions run with (``lambda:GetFunctionConfiguration``).

    Raises:
        NotSetUpError: one that each pipeline has is not there.
    """
    ask = pipeline.aws.client("lambda").get_function_configuration
    told = pipeline.names
    names = (told.function, told.page_function, told.delivery_function)
    found = [or_none(partial(ask, FunctionName=name)) for name in names]
    function, page, delivery = (each or {} for each in found)
    if not function or not page:
        raise not_set_up()
    memory, architecture = function["MemorySize"], function["Architectures"][0]
    return Setting(memory, page["MemorySize"], architecture, prices, delivery.get("MemorySize", 0))


def usage(pipeline: Pipeline, now: datetime) -> Usage:
    """Return what ``pipeline`` used since the month of ``now`` (UTC) began.

    Calls ``cloudwatch:GetMetricStatistics``, ``dynamodb:DescribeTable``,
    ``cloudfront:ListDistributions`` and ``ListInvalidations``.

    Raises:
        NotSetUpError: there is no pipeline.
    """
    aws, names = pipeline.aws, pipeline.names
    described = or_none(partial(aws.client("dynamodb").describe_table, TableName=names.table))
    if described is None:
        raise not_set_up()
    table = described["Table"]
    distribution = _distribution(aws, names.distribution)
    wanted = metrics(names, distribution)
    buckets = (names.source_bucket, names.destination_bucket)
    with ThreadPoolExecutor(max_workers=8, thread_name_prefix="usage") as pool:
        flows = pool.map(lambda many: _flows(aws, many, now), wanted.values())
        stored = pool.map(lambda name: _stored(aws, name, now), buckets)
        told = dict(zip(wanted, flows, strict=True))
        return Usage(
            now,
            **told,
            invalidations=_invalidations(aws, distribution, now),
            stored=sum(stored),
            table=table["TableSizeBytes"]
            + sum(each["IndexSizeBytes"] for each in table.get("GlobalSecondaryIndexes", [])),
        )


def _flows(aws: Aws, metrics: list[Metric], now: datetime) -> Flow:
    return summed(
        [point for each in metrics for point in _points(aws, each, now, "Sum")],
        now,
        lambda point: float(point["Sum"]),
    )


def summed(
    points: Sequence[Mapping[str, Any]], now: datetime, amount: Callable[[Mapping[str, Any]], float]
) -> Flow:
    """Return the flow that ``points`` tell, each with its ``Timestamp`` and its ``amount``."""
    month, recent = month_of(now), now - PACE
    return Flow(
        sum(amount(point) for point in points if point["Timestamp"] >= month),
        sum(amount(point) for point in points if point["Timestamp"] >= recent)
        / (PACE / timedelta(days=1)),
    )


def _points(aws: Aws, metric: Metric, now: datetime, statistic: str) -> list[dict[str, Any]]:
    answer = aws.client("cloudwatch", metric.region).get_metric_statistics(
        Namespace=metric.namespace,
        MetricName=metric.name,
        Dimensions=[{"Name": name, "Value": value} for name, value in metric.dimensions.items()],
        StartTime=min(month_of(now), now - PACE),
        EndTime=now,
        Period=_DAY,
        Statistics=[statistic],
    )
    return list(answer["Datapoints"])


def _stored(aws: Aws, bucket: str, now: datetime) -> float:
    """Return the bytes that S3 counted in ``bucket``, as it does once a day."""
    where = {"BucketName": bucket, "StorageType": "StandardStorage"}
    points = _points(aws, Metric("AWS/S3", "BucketSizeBytes", where), now, "Average")
    last = max(points, key=lambda point: point["Timestamp"], default={"Average": 0.0})
    return float(last["Average"])


def _distribution(aws: Aws, comment: str) -> str:
    """Return the id of the distribution; empty where an account may have none yet."""
    for page in aws.client("cloudfront").get_paginator("list_distributions").paginate():
        for each in page["DistributionList"].get("Items", []):
            if each["Comment"] == comment:
                return str(each["Id"])
    return ""


def _invalidations(aws: Aws, distribution: str, now: datetime) -> Flow:
    if not distribution:
        return Flow()
    pages = aws.client("cloudfront").get_paginator("list_invalidations")
    points: list[Mapping[str, Any]] = []
    for page in pages.paginate(DistributionId=distribution):
        found = page["InvalidationList"].get("Items", [])
        points.extend({"Timestamp": each["CreateTime"].astimezone(UTC)} for each in found)
        # The newest come first.
        if points and points[-1]["Timestamp"] < min(month_of(now), now - PACE):
            break
    return summed(points, now, lambda _: 1.0)
