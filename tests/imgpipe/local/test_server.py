"""What the embedded AWS's own process does besides ministack."""

from __future__ import annotations

from typing import Any

import pytest

from imgpipe.local import corrections, gateway


def scope(method: str, target: str = "") -> dict[str, Any]:
    """Return a request as ASGI has it."""
    headers = [(b"x-amz-target", target.encode())] if target else []
    return {"method": method, "headers": headers}


@pytest.mark.parametrize(
    ("method", "target", "reads"),
    [
        ("GET", "", True),
        ("HEAD", "", True),
        ("PUT", "", False),
        ("POST", "", False),
        ("POST", "DynamoDB_20120810.Query", True),
        ("POST", "DynamoDB_20120810.BatchGetItem", True),
        ("POST", "DynamoDB_20120810.BatchWriteItem", False),
        ("POST", "DynamoDB_20120810.PutItem", False),
        ("POST", "Logs_20140328.DescribeLogGroups", True),
        ("POST", "AmazonSQS.ReceiveMessage", False),
    ],
)
def test_only_what_may_change_something_is_saved(method: str, target: str, reads: bool) -> None:
    """Most protocols send everything as POST; to save is slow where there is much."""
    assert gateway._reads(scope(method, target)) is reads


@pytest.mark.parametrize(
    ("expression", "slot", "asked"),
    [
        ("#n0 = :v0", "KeyConditionExpression", False),
        ("#n0 = :v0 AND #n1 >= :v1", "KeyConditionExpression", True),
        ("#n0 = :v0 and #n1 >= :v1", "KeyConditionExpression", True),
        ("#n0 = :v0", "FilterExpression", True),
        ("#n0 = :v0", "ConditionExpression", True),
    ],
)
def test_a_partition_alone_is_not_compared_row_by_row(
    expression: str, slot: str, asked: bool
) -> None:
    """ministack found the rows by it; all that goes beyond it is held against each."""
    evaluated = []

    def refuse(condition: str, *_: object, slot: str) -> bool:
        evaluated.append((condition, slot))
        return False

    holds = corrections.beyond_the_partition(refuse)
    assert holds(expression, {}, {}, {}, slot=slot) is not asked
    assert evaluated == ([(expression, slot)] if asked else [])
