"""The catalog: every row, the newest, those since, those of a source; indexed, and without."""

from __future__ import annotations

import threading
import weakref
from datetime import UTC, datetime
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handler.schema import SHARDS, SOURCE_INDEX, TIME_INDEX, Metadata, Status
from imgpipe.aws.items import PAGE_ITEMS, SEGMENTS
from imgpipe.errors import NotSetUpError
from imgpipe.pictures import catalog
from imgpipe.pictures.catalog import Query
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgpipe.aws.account import Aws
    from tests.support.account import Faults, Sent

pytestmark = pytest.mark.slow

ITEMS: Final = 100_000
SIXTH: Final = datetime(2026, 7, 1, 10, 0, 6, tzinfo=UTC)


def row(number: int, **facts: Any) -> Metadata:
    """A row, the higher its number the newer."""
    values = {"status": Status.PROCESSED, "source_key": f"a/{number}.jpg", **facts}
    return Metadata(
        f"a/processed-{number}.jpg",
        100,
        f"2026-07-01T10:{number // 60:02}:{number % 60:02}.000+00:00",
        **values,
    )


ROWS: Final = (
    *map(row, range(7)),
    row(7, status=Status.REJECTED, reason="damaged"),
    Metadata("b/processed-8.jpg", 1, row(8).timestamp, Status.PROCESSED, "b/8.jpg"),
)
# What the guide's own function wrote, and setup gave a shard.
GUIDE: Final = {
    "filename": {"S": "processed-photo.jpg"},
    "size": {"N": "5"},
    "timestamp": {"S": "2025-01-01T00:00:00.123456"},
    "shard": {"N": "3"},
}


@pytest.fixture
def dynamodb(aws: Aws) -> Any:
    """The client the tests write with."""
    return aws.client("dynamodb")


@pytest.fixture(params=[tables.make, tables.make_without_indexes], ids=["indexed", "plain"])
def table(dynamodb: Any, request: pytest.FixtureRequest) -> str:
    """A table of ten rows: one rejected, one in another folder, one of the guide's function."""
    request.param(dynamodb)
    tables.write(dynamodb, *ROWS)
    dynamodb.put_item(TableName=TABLE, Item=GUIDE)
    return TABLE


@pytest.fixture
def indexed(dynamodb: Any) -> str:
    """An empty table with its indexes."""
    tables.make(dynamodb)
    return TABLE


def numbers(rows: Any) -> list[str]:
    """The rows' file names without their folder and prefix, in their order."""
    return [each.filename.rpartition("processed-")[2].removesuffix(".jpg") for each in rows]


def test_every_row_comes_once(aws: Aws, table: str) -> None:
    """From all segments of the table, the guide's row included."""
    rows = list(catalog.rows(aws, table, Query()))
    assert sorted(numbers(rows)) == [*map(str, range(9)), "photo"]


QUERIES: Final = [
    (Query(prefix="b/"), ["8"]),
    (Query(prefix="a/3"), ["3"]),
    (Query(prefix="b/processed"), ["8"]),
    (Query(prefix="processed-ph"), ["photo"]),
    (Query(status=Status.REJECTED), ["7"]),
    (Query(since=SIXTH), ["8", "7", "6"]),
    (Query("a/", Status.PROCESSED, SIXTH), ["6"]),
    (Query("a/", Status.PROCESSED), ["6", "5", "4", "3", "2", "1", "0"]),
    (Query(prefix="nothing"), []),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_a_query_narrows_all_rows(aws: Aws, table: str, query: Query, expected: list[str]) -> None:
    """By source key or own key, status and time, alone and together."""
    assert sorted(numbers(catalog.rows(aws, table, query)), reverse=True) == expected


@pytest.mark.parametrize(("query", "expected"), QUERIES)
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_query_narrows_the_newest(
    aws: Aws, table: str, query: Query, expected: list[str], limit: int
) -> None:
    """As it does all rows, and the newest come first."""
    assert numbers(catalog.newest(aws, table, query, limit)) == expected[:limit]


def test_the_newest_of_all_are_in_order(aws: Aws, table: str) -> None:
    """The oldest, the guide's, last."""
    found = numbers(catalog.newest(aws, table, Query(), 50))
    assert found == [*map(str, range(8, -1, -1)), "photo"]


def test_the_rows_since_a_moment_are_all_there(aws: Aws, table: str) -> None:
    """The moment's own included, whatever the zone it is told in."""
    assert sorted(numbers(catalog.since(aws, table, SIXTH))) == ["6", "7", "8"]
    assert sorted(numbers(catalog.since(aws, table, SIXTH.astimezone()))) == ["6", "7", "8"]


def test_a_source_has_its_rows(aws: Aws, table: str, dynamodb: Any) -> None:
    """All of them, by key; no other source's, though its key begins the same."""
    time, status = row(3).timestamp, Status.PROCESSED
    thumb = Metadata("a/processed-3--thumb.jpg", 1, time, status, "a/3.jpg", rendition="thumb")
    tables.write(dynamodb, thumb, Metadata("a/processed-3.jpg.jpg", 1, time, status, "a/3.jpg.jpg"))
    assert catalog.of_source(aws, table, "a/3.jpg") == [thumb, row(3)]
    assert catalog.of_source(aws, table, "a/none.jpg") == []


def test_a_source_of_more_rows_than_a_call_takes_has_them_all(aws: Aws, indexed: str) -> None:
    """BatchGetItem takes 100 keys."""
    rows = [row(number, source_key="a.jpg") for number in range(130)]
    tables.write(aws.client("dynamodb"), *rows)
    assert len(catalog.of_source(aws, indexed, "a.jpg")) == 130


def test_what_dynamodb_left_out_is_asked_for_again(
    aws: Aws, indexed: str, faults: Faults, dynamodb: Any
) -> None:
    """It answers what it can of a batch, and names the rest."""
    tables.write(dynamodb, row(1))
    left = {indexed: {"Keys": [{"filename": {"S": row(1).filename}}]}}
    faults.answer("BatchGetItem", {"Responses": {indexed: []}, "UnprocessedKeys": left})
    assert catalog.of_source(aws, indexed, row(1).source_key) == [row(1)]


def test_a_row_that_is_another_sources_by_now_is_left_out(
    aws: Aws, indexed: str, faults: Faults, dynamodb: Any
) -> None:
    """The index lags behind the table, and the table is right."""
    tables.write(dynamodb, row(1, source_key="other.jpg"))
    stale = {"source_key": {"S": "a/1.jpg"}, "filename": {"S": row(1).filename}}
    faults.answer("Query", {"Items": [stale]})
    assert catalog.of_source(aws, indexed, "a/1.jpg") == []


@pytest.mark.parametrize("status", ["CREATING", "DELETING"])
def test_an_index_that_is_not_ready_is_done_without(
    aws: Aws, indexed: str, faults: Faults, sent: Sent, status: str
) -> None:
    """While it fills DynamoDB refuses every Query; the table itself answers."""
    dynamodb = aws.client("dynamodb")
    tables.write(dynamodb, row(1), row(8))
    description = dynamodb.describe_table(TableName=indexed)["Table"]
    for index in description["GlobalSecondaryIndexes"]:
        index["IndexStatus"] = status
    faults.answer("DescribeTable", {"Table": description}, times=3)
    sent.clear()
    assert numbers(catalog.newest(aws, indexed, Query(), 1)) == ["8"]
    assert numbers(catalog.since(aws, indexed, SIXTH)) == ["8"]
    assert numbers(catalog.of_source(aws, indexed, "a/1.jpg")) == ["1"]
    assert sent.of("Query") == []


def test_the_newest_cost_no_more_than_a_few_times_their_number(
    aws: Aws, indexed: str, sent: Sent
) -> None:
    """Every shard is asked for twice its share, then those that hold more."""
    tables.write(aws.client("dynamodb"), *map(row, range(400)))
    sent.clear()
    found = catalog.newest(aws, indexed, Query(), 40)
    assert numbers(found) == [str(number) for number in range(399, 359, -1)]
    asked = sent.of("Query")
    assert {call["IndexName"] for call in asked} == {TIME_INDEX}
    assert [call["Limit"] for call in asked[:SHARDS]] == [10] * SHARDS
    assert sum(call["Limit"] for call in asked) < 4 * 40
    assert sent.of("Scan") == []


def test_the_rows_of_a_source_are_one_query_and_one_get(
    aws: Aws, indexed: str, sent: Sent, dynamodb: Any
) -> None:
    """Whatever the table holds."""
    tables.write(dynamodb, *map(row, range(50)))
    sent.clear()
    catalog.of_source(aws, indexed, "a/7.jpg")
    assert [call["IndexName"] for call in sent.of("Query")] == [SOURCE_INDEX]
    assert len(sent.of("BatchGetItem")) == 1
    assert sent.of("Scan") == []


names = count()


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    times=st.lists(st.integers(0, 200), max_size=40),
    shards=st.integers(1, SHARDS),
    limit=st.integers(1, 50),
    prefix=st.sampled_from(["", "a/1"]),
)
def test_the_newest_are_the_newest_however_they_lie(
    aws: Aws, times: list[int], shards: int, limit: int, prefix: str
) -> None:
    """In all shards or in few, many or not, of equal times or not, filtered or not."""
    dynamodb = aws.client("dynamodb")
    name = f"{TABLE}{next(names)}"
    tables.make(dynamodb, TableName=name)
    rows = [row(time, source_key=f"a/{time}.jpg") for time in times]
    for number, each in enumerate(rows):
        item = {**each.to_item(), "filename": {"S": str(number)}}
        item["shard"] = {"N": str(number % shards)}
        dynamodb.put_item(TableName=name, Item=item)

    found = catalog.newest(aws, name, Query(prefix=prefix), limit)
    wanted = sorted(each.timestamp for each in rows if each.source_key.startswith(prefix))
    assert [each.timestamp for each in found] == wanted[::-1][:limit]


@pytest.mark.parametrize(
    "ask",
    [
        lambda aws: list(catalog.rows(aws, "nowhere", Query())),
        lambda aws: catalog.newest(aws, "nowhere", Query(), 1),
        lambda aws: list(catalog.since(aws, "nowhere", SIXTH)),
        lambda aws: catalog.of_source(aws, "nowhere", "a.jpg"),
    ],
    ids=["rows", "newest", "since", "of_source"],
)
def test_a_missing_table_says_what_to_do(aws: Aws, ask: Callable[[Aws], object]) -> None:
    """There is no pipeline yet."""
    with pytest.raises(NotSetUpError) as error:
        ask(aws)
    assert "setup" in error.value.next


class LongTable:
    """Stands for DynamoDB with ``ITEMS`` items, made up when asked for; ``pages`` counts calls."""

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
    """However slowly they are taken, few pages are read ahead, and what was taken is let go of."""
    table = LongTable()
    taken, ahead, first = 0, 0, None
    for each in catalog.rows(table, TABLE, Query()):  # type: ignore[arg-type]
        first = first or weakref.ref(each)
        taken += 1
        ahead = max(ahead, table.pages * PAGE_ITEMS - taken)
        if taken == ITEMS // 2:
            del each
            assert first() is None
    assert taken == ITEMS
    assert ahead <= 2 * SEGMENTS * PAGE_ITEMS


def test_reading_stops_with_the_reader() -> None:
    """Who takes ten rows does not pay for a hundred thousand."""
    table = LongTable()
    rows = catalog.rows(table, TABLE, Query())  # type: ignore[arg-type]
    assert len(list(islice(rows, 10))) == 10
    rows.close()
    assert table.pages <= 2 * SEGMENTS < ITEMS / PAGE_ITEMS
