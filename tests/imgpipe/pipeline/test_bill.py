"""What the month's bill is made of: metrics as CloudWatch has them, at list prices."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.schema import SOURCE_INDEX, TIME_INDEX
from imgpipe.costs import prices
from imgpipe.costs.estimate import Setting
from imgpipe.errors import NotSetUpError
from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.bill import Month, month
from imgpipe.pipeline.usage import Flow, Usage, summed, usage
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

pytestmark = pytest.mark.slow

SETTING = Setting(448, 256, "arm64", prices.PRICES["us-east-1"], 1769)
NOON = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
FLOWS = [each.name for each in fields(Usage) if each.type == "Flow"]
STILL = Usage(NOON, **{name: Flow() for name in FLOWS}, stored=0, table=0)


def bill(**used: Any) -> dict[str, tuple[float, float]]:
    """The lines that are not zero, with what they are so far and at the end."""
    return {
        item.name: (item.so_far, item.forecast)
        for item in month(replace(STILL, **used), SETTING)
        if item.so_far or item.forecast
    }


def test_an_idle_pipeline_costs_nothing() -> None:
    """Empty, as it is after its setup."""
    assert bill() == {}


def test_the_rest_of_the_month_goes_on_as_of_late() -> None:
    """Half of November is over: fifteen days are left, at 2 million invocations a day."""
    assert bill(page_invocations=Flow(3e6, 2e6))["invocations"] == pytest.approx((0.6, 6.6))


def test_what_lies_there_is_paid_by_the_day() -> None:
    """100 GB for half a month, and for a whole one."""
    assert bill(stored=100e9) == {"objects in S3": pytest.approx((1.15, 2.3))}


def test_a_thousand_invalidations_are_free() -> None:
    """And half a cent each from there on."""
    assert bill(invalidations=Flow(1000, 0)) == {}
    assert bill(invalidations=Flow(1000, 10))["invalidations"] == pytest.approx((0, 0.75))
    assert bill(invalidations=Flow(1200, 0))["invalidations"] == pytest.approx((1, 1))


def test_memory_is_each_functions_own() -> None:
    """A million seconds of each: 448, 256 and 1769 MB."""
    flows = ("milliseconds", "page_milliseconds", "delivery_milliseconds")
    ((so_far, _),) = bill(**dict.fromkeys(flows, Flow(1e9))).values()
    assert so_far == pytest.approx(1e6 * (448 + 256 + 1769) / 1024 * 0.0000133334)


def test_a_rendition_on_demand_is_a_run_at_the_edges_an_invocation_and_a_read() -> None:
    """A million views of which a hundred thousand are misses."""
    assert bill(edge_runs=Flow(1e6), delivery_invocations=Flow(1e5)) == {
        "runs of its function at the edges": pytest.approx((0.10, 0.10)),
        "invocations": pytest.approx((0.02, 0.02)),
        "requests to S3 that read": pytest.approx((0.04, 0.04)),
    }


@given(st.dictionaries(st.sampled_from(FLOWS), st.integers(0, 10**12)))
def test_the_end_is_never_below_what_is_spent(used: dict[str, int]) -> None:
    """Whatever was used: nothing comes back, and nothing is below zero."""
    flows: dict[str, Any] = {name: Flow(n, n) for name, n in used.items()}
    items = month(replace(STILL, **flows), SETTING)
    assert all(0 <= item.so_far <= item.forecast for item in items)
    whole = Month(NOON, "us-east-1", items)
    assert whole.so_far <= whole.forecast


def test_points_before_the_month_are_the_pace_alone() -> None:
    """On the third of a month, the week before tells how it goes on."""
    now = datetime(2026, 11, 3, tzinfo=UTC)
    points = [{"Timestamp": now - timedelta(days=n), "Sum": 70.0} for n in (1, 2, 4, 6)]
    assert summed(points, now, lambda point: float(point["Sum"])) == Flow(140, 40)


def measure(
    aws: Aws,
    metric: tuple[str, str],
    value: float,
    when: datetime,
    region: str | None = None,
    **where: str,
) -> None:
    """Record a metric as AWS does by itself."""
    aws.client("cloudwatch", region).put_metric_data(
        Namespace=metric[0],
        MetricData=[
            {
                "MetricName": metric[1],
                "Dimensions": [{"Name": name, "Value": of} for name, of in where.items()],
                "Timestamp": when,
                "Value": value,
            }
        ],
    )


def test_every_figure_is_asked_of_its_own_metric(aws: Aws) -> None:
    """Functions, table and indexes, log group and buckets; others' metrics are not counted."""
    pipeline = Pipeline.of(Settings(), aws)
    names = pipeline.names
    now = datetime.now(UTC).replace(day=20)
    aws.client("dynamodb").create_table(
        TableName=names.table,
        KeySchema=[{"AttributeName": "filename", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "filename", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    when = now - timedelta(hours=5)
    ours = ((names.function, 7), (names.page_function, 2), (names.delivery_function, 3))
    for name, amount in (*ours, ("theirs", 900)):
        measure(aws, ("AWS/Lambda", "Invocations"), amount, when, FunctionName=name)
        measure(aws, ("AWS/Lambda", "Duration"), amount * 100, when, FunctionName=name)
    units = ("AWS/DynamoDB", "ConsumedWriteCapacityUnits")
    measure(aws, units, 5, when, TableName=names.table)
    for index in (SOURCE_INDEX, TIME_INDEX):
        measure(aws, units, 5, when, TableName=names.table, GlobalSecondaryIndexName=index)
    edges = {"FunctionName": names.edge_function, "Region": "Global"}
    measure(aws, ("AWS/CloudFront", "FunctionInvocations"), 11, when, "us-east-1", **edges)
    measure(aws, ("AWS/Logs", "IncomingBytes"), 3000, when, LogGroupName=names.log_group)
    for bucket in (names.source_bucket, names.destination_bucket):
        where = {"BucketName": bucket, "StorageType": "StandardStorage"}
        measure(aws, ("AWS/S3", "BucketSizeBytes"), 1e9, when, **where)

    used = usage(pipeline, now)
    assert (used.invocations.so_far, used.page_invocations.so_far) == (7, 2)
    assert (used.milliseconds.so_far, used.page_milliseconds.so_far) == (700, 200)
    assert (used.delivery_invocations.so_far, used.delivery_milliseconds.so_far) == (3, 300)
    assert used.edge_runs.so_far == 11
    # moto counts for the table what its indexes have; CloudWatch takes dimensions as they are.
    assert used.written.so_far - used.rows.so_far == 10
    assert (used.logged.so_far, used.stored) == (3000, 2e9)
    assert used.invocations.a_day == 1
    assert used.delivered == Flow()


def test_without_a_pipeline_there_is_nothing_to_tell(aws: Aws) -> None:
    """And the next command is said."""
    with pytest.raises(NotSetUpError):
        usage(Pipeline.of(Settings(), aws), NOON)
