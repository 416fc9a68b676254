"""The catalog: the table's rows - all of them, the newest, those since, and those of a source.

Three of the four questions are answered by the table's indexes, in one call for each page. An index
that is not there, or is being filled, is done without: the whole table is read then. Indexes lag
behind the table, as a rule by less than a second:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial, reduce
from itertools import chain
from operator import and_
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from handler.schema import PARTITION_KEY, SHARD, SHARDS, SOURCE_INDEX, TIME_INDEX, Metadata, Status
from imgpipe.aws import items
from imgpipe.aws.errors import absent
from imgpipe.aws.items import Attr, ConditionBase, Key
from imgpipe.errors import not_set_up

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# Rows spread by chance, so one shard may hold twice its share of the newest.
_SHARES: Final = 2
# A row that was read takes 6 KB, and each shard has a page of them in memory.
_ROWS_A_PAGE: Final = 250


@dataclass(frozen=True)
class Query:
    """Which rows: of sources or results whose key begins so, of this status, written since then.

    ``other_than``: of another fingerprint than this, or of none.
    """

    prefix: str = ""
    status: Status | None = None
    since: datetime | None = None
    other_than: str = ""

    def condition(self) -> ConditionBase | None:
        """Return what a row must fulfil, ``None`` where that is nothing."""
        return _all([*self._conditions(), *([_written(Attr, self.since)] if self.since else [])])

    def condition_within_time(self) -> ConditionBase | None:
        """Return what a row that is already known to be written ``since`` must fulfil besides."""
        return _all(self._conditions())

    def _conditions(self) -> list[ConditionBase]:
        source, result = Attr("source_key"), Attr("filename")
        by_prefix = source.begins_with(self.prefix) | result.begins_with(self.prefix)
        by_status = Attr("status").eq(self.status)
        made = Attr("fingerprint")
        others = made.ne(self.other_than) | made.not_exists()
        return [
            *([by_prefix] if self.prefix else []),
            *([by_status] if self.status else []),
            *([others] if self.other_than else []),
        ]


@dataclass(frozen=True)
class _Shard:
    """One partition of the time index, read from the newest row on down to where it stands."""

    number: int
    after: Mapping[str, Any]

    def may_hold_one_of(self, newest: Sequence[Metadata], limit: int) -> bool:
        """Say whether what is not read of it may be newer than the oldest of the newest."""
        return len(newest) < limit or self.after["timestamp"]["S"] > newest[-1].timestamp


def rows(aws: Aws, table: str, query: Query) -> Generator[Metadata, None, None]:
    """Yield every matching row in no order, while the next ones are read (``dynamodb:Scan``).

    Raises:
        NotSetUpError: there is no table.
    """
    with _set_up():
        for page in items.scan(aws, table, query.condition()):
            yield from (Metadata.from_item(item) for item in page)


def newest(aws: Aws, table: str, query: Query, limit: int) -> list[Metadata]:
    """Return the ``limit`` newest matching rows, newest first (``dynamodb:Query``).

    All shards are read at once, each for twice its share of the rows at first. Where that is too
    little, because chance or the query is against it, more is read of those that may hold more.

    Raises:
        NotSetUpError: there is no table.
    """
    with _set_up():
        if not _readable(aws, table, TIME_INDEX):
            return _newest(rows(aws, table, query), limit)
        return _newest_of_shards(aws, table, query, limit)


def since(aws: Aws, table: str, moment: datetime) -> Generator[Metadata, None, None]:
    """Yield all rows that were written at ``moment`` or later, in no order (``dynamodb:Query``).

    Raises:
        NotSetUpError: there is no table.
    """
    query = Query(since=moment)
    with _set_up():
        if not _readable(aws, table, TIME_INDEX):
            yield from rows(aws, table, query)
            return

        def read(number: int, after: Mapping[str, Any]) -> items.Page:
            return _page_of_shard(aws, table, query, _ROWS_A_PAGE, _Shard(number, after))

        for page in items.ahead(read, SHARDS, "since"):
            yield from map(Metadata.from_item, page)


def of_source(aws: Aws, table: str, source_key: str) -> list[Metadata]:
    """Return the rows of one source, by their keys (``dynamodb:Query``, ``BatchGetItem``).

    The index says which there are, the table what they say now.

    Raises:
        NotSetUpError: there is no table.
    """
    with _set_up():
        found = [
            row
            for row in map(Metadata.from_item, _items_of_source(aws, table, source_key))
            if row.source_key == source_key
        ]
    return sorted(found, key=lambda row: row.filename)


def _newest_of_shards(aws: Aws, table: str, query: Query, limit: int) -> list[Metadata]:
    found: list[Metadata] = []
    shards = [_Shard(number, {}) for number in range(SHARDS)]
    size = max(1, _SHARES * limit // SHARDS)
    with ThreadPoolExecutor(SHARDS, thread_name_prefix="newest") as pool:
        while shards:
            read = partial(_page_of_shard, aws, table, query, size)
            pages = list(pool.map(read, shards))
            items_read = chain.from_iterable(page.items for page in pages)
            found = _newest(chain(found, map(Metadata.from_item, items_read)), limit)

            left = [
                _Shard(shard.number, page.after)
                for shard, page in zip(shards, pages, strict=True)
                if page.after
            ]
            shards = [shard for shard in left if shard.may_hold_one_of(found, limit)]
            size = min(_SHARES * size, items.PAGE_ITEMS)
    return found


def _newest(candidates: Iterable[Metadata], limit: int) -> list[Metadata]:
    return heapq.nlargest(limit, candidates, key=lambda row: (row.timestamp, row.filename))


def _page_of_shard(aws: Aws, table: str, query: Query, size: int, shard: _Shard) -> items.Page:
    parameters = _of_shard(query, shard.number)
    return items.query(aws, table, TIME_INDEX, shard.after, Limit=size, **parameters)


def _of_shard(query: Query, number: int) -> dict[str, Any]:
    """Return the parameters that ask a shard of the time index, the newest first."""
    key = Key(SHARD).eq(number)
    if query.since:
        key &= _written(Key, query.since)
    conditions = items.expressions(key=key, where=query.condition_within_time())
    return {**conditions, "ScanIndexForward": False}


def _items_of_source(aws: Aws, table: str, source_key: str) -> Iterable[items.Item]:
    if not _readable(aws, table, SOURCE_INDEX):
        return chain.from_iterable(items.scan(aws, table, Attr("source_key").eq(source_key)))

    parameters = items.expressions(key=Key("source_key").eq(source_key))
    pages = items.pages(aws, table, SOURCE_INDEX, **parameters)
    keys = [{PARTITION_KEY: item[PARTITION_KEY]} for page in pages for item in page.items]
    return items.batch_get(aws, table, keys)


def _readable(aws: Aws, table: str, index: str) -> bool:
    """Say whether the index is there and filled: one still filling is refused to every Query."""
    described = aws.client("dynamodb").describe_table(TableName=table)["Table"]
    found = described.get("GlobalSecondaryIndexes", [])
    return any((each["IndexName"], each["IndexStatus"]) == (index, "ACTIVE") for each in found)


def _written(attribute: type[Attr | Key], moment: datetime) -> ConditionBase:
    """Return "written then or later": texts of one zone and length sort as the times they mean."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    condition: ConditionBase = attribute("timestamp").gte(text)
    return condition


def _all(conditions: Sequence[ConditionBase]) -> ConditionBase | None:
    return reduce(and_, conditions) if conditions else None


@contextmanager
def _set_up() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        raise
