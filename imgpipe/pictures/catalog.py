"""The table's rows, read as a stream: 100,000 of them never sit in memory."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from handler.schema import Metadata
from imgpipe.aws.errors import absent
from imgpipe.errors import not_set_up

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

SEGMENTS: Final = 4
PAGE: Final = 1000


@dataclass(frozen=True)
class Query:
    """Which rows: those whose source or own key begins with ``prefix``, of this ``status``, written at ``since`` or later."""

    prefix: str = ""
    status: str = ""
    since: datetime | None = None

    def filter(self) -> dict[str, Any]:
        """Return it as Scan's parameters; DynamoDB then sends only what matches, and bills what it reads."""
        # ISO 8601 texts of one time zone sort as the moments they mean.
        values = {
            ":prefix": self.prefix,
            ":status": self.status,
            ":since": self.since.isoformat(timespec="milliseconds") if self.since else "",
        }
        tests = {
            ":prefix": "(begins_with(#source_key, :prefix) OR begins_with(#filename, :prefix))",
            ":status": "#status = :status",
            ":since": "#timestamp >= :since",
        }
        expression = " AND ".join(test for name, test in tests.items() if values[name])
        return (
            {
                "FilterExpression": expression,
                "ExpressionAttributeNames": {
                    f"#{name}": name
                    for name in ("source_key", "filename", "status", "timestamp")
                    if f"#{name}" in expression
                },
                "ExpressionAttributeValues": {
                    name: {"S": value} for name, value in values.items() if value
                },
            }
            if expression
            else {}
        )


@dataclass(frozen=True)
class _Page:
    segment: int
    rows: tuple[Metadata, ...]
    next: Mapping[str, Any]


def rows(aws: Aws, table: str, query: Query) -> Generator[Metadata, None, None]:
    """Yield the matching rows in no order, while the next pages are being read (``dynamodb:Scan``).

    Each segment of the table reads one page ahead and then waits, so memory holds ``SEGMENTS`` pages, however long the table.

    Raises:
        NotSetUpError: there is no table.
    """
    pool = ThreadPoolExecutor(SEGMENTS, thread_name_prefix="scan")
    parameters = {"TableName": table, "TotalSegments": SEGMENTS, "Limit": PAGE, **query.filter()}
    try:
        reading = {pool.submit(_page, aws, parameters, segment, {}) for segment in range(SEGMENTS)}
        while reading:
            done, reading = wait(reading, return_when=FIRST_COMPLETED)
            for page in [future.result() for future in done]:
                if page.next:
                    reading.add(pool.submit(_page, aws, parameters, page.segment, page.next))
                yield from page.rows
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def newest(of: Iterable[Metadata], limit: int) -> tuple[list[Metadata], int]:
    """Return the ``limit`` newest rows, newest first, and how many there were; no more than ``limit`` are ever held."""
    counter = count()
    # zip asks the rows first, so the counter stands at their number when they end.
    found = heapq.nlargest(
        limit,
        (row for row, _ in zip(of, counter, strict=False)),
        key=lambda row: (row.timestamp, row.filename),
    )
    return found, next(counter)


def _page(aws: Aws, parameters: Mapping[str, Any], segment: int, after: Mapping[str, Any]) -> _Page:
    start = {"ExclusiveStartKey": after} if after else {}
    try:
        answer = aws.client("dynamodb").scan(**parameters, Segment=segment, **start)
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        raise
    return _Page(
        segment,
        tuple(Metadata.from_item(item) for item in answer["Items"]),
        answer.get("LastEvaluatedKey", {}),
    )
