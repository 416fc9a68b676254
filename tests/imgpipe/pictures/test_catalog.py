"""Reading the table's rows as a stream."""

from __future__ import annotations

import random
import threading
import weakref
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.schema import Metadata, Status
from imgpipe.errors import NotSetUpError
from imgpipe.pictures import catalog
from imgpipe.pictures.catalog import PAGE, SEGMENTS, Query

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

TABLE: Final = "ImageMetadata"
ITEMS: Final = 100_000


def row(number: int, **facts: Any) -> Metadata:
    """A row, the higher its number the newer."""
    values = {"status": Status.PROCESSED, "source_key": f"a/{number}.jpg", **facts}
    return Metadata(
        f"a/processed-{number}.jpg",
        100,
        f"2026-07-01T10:{number // 60:02}:{number % 60:02}.000+00:00",
        **values,
    )


@pytest.fixture
def table(aws: Aws) -> str:
    """A table of ten rows, one of them rejected, one from another folder, one written by the guide's own function."""
    client = aws.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "filename", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "filename", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    rows = [row(number) for number in range(7)]
    rows += [
        row(7, status=Status.REJECTED, reason="damaged"),
        Metadata("b/processed-8.jpg", 1, row(8).timestamp, Status.PROCESSED, "b/8.jpg"),
    ]
    for each in rows:
        client.put_item(TableName=TABLE, Item=each.to_item())
    guide = {
        "filename": {"S": "processed-photo.jpg"},
        "size": {"N": "5"},
        "timestamp": {"S": "2025-01-01T00:00:00.123456"},
    }
    client.put_item(TableName=TABLE, Item=guide)
    return TABLE


def numbers(rows: Any) -> set[str]:
    """The rows' file names without their folder and prefix."""
    return {each.filename.rpartition("processed-")[2].removesuffix(".jpg") for each in rows}


def test_every_row_comes_once(aws: Aws, table: str) -> None:
    """From all segments of the table, the guide's row included."""
    rows = list(catalog.rows(aws, table, Query()))
    assert len(rows) == 10
    assert numbers(rows) == {*map(str, range(9)), "photo"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(prefix="b/"), {"8"}),
        (Query(prefix="a/3"), {"3"}),
        (Query(prefix="processed-ph"), {"photo"}),
        (Query(status="rejected"), {"7"}),
        (Query(since=datetime(2026, 7, 1, 10, 0, 6, tzinfo=UTC)), {"6", "7", "8"}),
        (
            Query(
                prefix="a/", status="processed", since=datetime(2026, 7, 1, 10, 0, 6, tzinfo=UTC)
            ),
            {"6"},
        ),
        (Query(prefix="nothing"), set()),
    ],
)
def test_a_query_narrows(aws: Aws, table: str, query: Query, expected: set[str]) -> None:
    """By source key or own key, status and time, alone and together."""
    assert numbers(catalog.rows(aws, table, query)) == expected


def test_a_missing_table_says_what_to_do(aws: Aws) -> None:
    """There is no pipeline yet."""
    with pytest.raises(NotSetUpError) as error:
        list(catalog.rows(aws, "nowhere", Query()))
    assert "setup" in error.value.next


def test_newest_keeps_the_newest_and_counts_all() -> None:
    """Whatever order they come in."""
    rows = [row(number) for number in range(100)]
    random.Random(1).shuffle(rows)
    found, total = catalog.newest(rows, 3)
    assert [each.source_key for each in found] == ["a/99.jpg", "a/98.jpg", "a/97.jpg"]
    assert total == 100


def test_newest_of_few_is_all_of_them() -> None:
    """A limit is no demand."""
    assert catalog.newest([], 50) == ([], 0)
    assert catalog.newest([row(1)], 50) == ([row(1)], 1)


class LongTable:
    """Stands for DynamoDB with ``ITEMS`` items, made up as they are asked for; ``pages`` counts the calls."""

    def __init__(self) -> None:
        self.pages = 0
        self._lock = threading.Lock()

    def client(self, _: str) -> LongTable:
        return self

    def scan(
        self,
        *,
        Segment: int,
        TotalSegments: int,
        Limit: int,
        ExclusiveStartKey: Any = None,
        **_: Any,
    ) -> dict[str, Any]:
        with self._lock:
            self.pages += 1
        start = int(ExclusiveStartKey["at"]["N"]) if ExclusiveStartKey else 0
        end = min(start + Limit, ITEMS // TotalSegments)
        items = [row(0, upload_id=f"{Segment}-{number}").to_item() for number in range(start, end)]
        return {
            "Items": items,
            **(
                {"LastEvaluatedKey": {"at": {"N": str(end)}}}
                if end < ITEMS // TotalSegments
                else {}
            ),
        }


def test_a_hundred_thousand_rows_never_sit_in_memory() -> None:
    """However slowly they are taken, a few pages are read ahead, and what was taken is let go of."""
    table = LongTable()
    taken, ahead, first = 0, 0, None
    for each in catalog.rows(table, TABLE, Query()):  # type: ignore[arg-type]
        first = first or weakref.ref(each)
        taken += 1
        ahead = max(ahead, table.pages * PAGE - taken)
        if taken == ITEMS // 2:
            del each
            assert first() is None
    assert taken == ITEMS
    assert ahead <= 2 * SEGMENTS * PAGE


def test_reading_stops_with_the_reader() -> None:
    """Who takes ten rows does not pay for a hundred thousand."""
    table = LongTable()
    rows = catalog.rows(table, TABLE, Query())  # type: ignore[arg-type]
    assert len(list(islice(rows, 10))) == 10
    rows.close()
    assert table.pages <= 2 * SEGMENTS < ITEMS / PAGE
