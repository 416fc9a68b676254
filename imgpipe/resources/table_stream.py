"""The table's stream: every change of a row, with what it was and what it became.

A row's old self says which file of the page it was in, and that CloudFront may remember its result.
A table has one stream for all who read it, at most two of them, so it tells both images:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imgpipe.aws.account import Aws

SPECIFICATION: Final = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
ENABLED: Final = {"StreamEnabled": True, **SPECIFICATION}


def specification(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the stream of a table as DescribeTable tells it; empty where it has none."""
    stream = table.get("StreamSpecification", {})
    return {"StreamViewType": stream["StreamViewType"]} if stream.get("StreamEnabled") else {}


def bring_about(aws: Aws, name: str, settled: Callable[[], Mapping[str, Any]]) -> None:
    """Give table ``name`` the stream; one that tells less is closed first.

    ``settled`` waits for the table to be active and returns it: DynamoDB takes one change at a time
    and changes no stream.
    """
    change = partial(aws.client("dynamodb").update_table, TableName=name)
    if specification(settled()):
        aws.eventually("dynamodb", lambda: change(StreamSpecification={"StreamEnabled": False}))
        settled()
    aws.eventually("dynamodb", lambda: change(StreamSpecification=ENABLED))
    settled()
