"""The table's indexes: the rows of a source key, and the newest rows; made, and made good.

Why these two, and what they cost: docs/decisions/0007-catalog-indexes.md. Indexes that somebody
else gave the table are theirs; ours are known by their names.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from handler.schema import PARTITION_KEY, SHARD, SOURCE_INDEX, TIME_INDEX, shard
from imgpipe.aws import items
from imgpipe.aws.items import Attr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from imgpipe.aws.account import Aws

Index = dict[str, Any]

ATTRIBUTE_TYPES: Final = {PARTITION_KEY: "S", "source_key": "S", SHARD: "N", "timestamp": "S"}
# The time index comes last: by then the setup that makes it has replaced an old function.
INDEXES: Final[Mapping[str, Index]] = {
    SOURCE_INDEX: {
        "KeySchema": [{"AttributeName": "source_key", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    },
    TIME_INDEX: {
        "KeySchema": [
            {"AttributeName": SHARD, "KeyType": "HASH"},
            {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    },
}
# An index fills for as long as the table is long; DynamoDB promises nothing.
_FILLING_SECONDS: Final = 86_400.0
_EVERY_SECONDS: Final = 5.0
_WRITES_AT_ONCE: Final = 16


def attribute_definitions(*attributes: str) -> list[dict[str, str]]:
    """Return the definitions of ``attributes`` and of the table's own key."""
    return [
        {"AttributeName": name, "AttributeType": ATTRIBUTE_TYPES[name]}
        for name in dict.fromkeys((PARTITION_KEY, *attributes))
    ]


def definitions() -> dict[str, Any]:
    """Return what CreateTable takes for the indexes and for the attributes of all keys."""
    return {
        "AttributeDefinitions": attribute_definitions(*ATTRIBUTE_TYPES),
        "GlobalSecondaryIndexes": [{"IndexName": name, **index} for name, index in INDEXES.items()],
    }


def filled(table: Mapping[str, Any]) -> dict[str, Index]:
    """Return our indexes, by name, that a table as DescribeTable tells it has, and filled."""
    return _ours(each for each in _indexes(table) if each["IndexStatus"] == "ACTIVE")


def bring_about(aws: Aws, name: str, describe: Callable[[], Mapping[str, Any]]) -> None:
    """Make every index of table ``name`` what it should be, and wait until it is filled.

    One after another, as DynamoDB takes them: it makes one index at a time
    (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html).
    ``describe`` asks for the table. Safe to break off: the next run waits for what fills, and goes
    on from there.

    Raises:
        NotSettledError: an index was not filled within a day.
    """
    for index in INDEXES:
        existing = filled(_settled(aws, name, describe)).get(index)
        if existing == INDEXES[index]:
            continue
        if existing:
            _change(aws, name, {"Delete": {"IndexName": index}})
            _settled(aws, name, describe)
        if index == TIME_INDEX:
            give_shards(aws, name)
        _change(aws, name, {"Create": {"IndexName": index, **INDEXES[index]}})
    _settled(aws, name, describe)
    give_shards(aws, name)


def give_shards(aws: Aws, name: str) -> None:
    """Give every row that lacks it its shard: an index holds only rows that have its key.

    Release 0.1.0 wrote such rows, as does the guide's function. Done before the time index is made,
    so that it is complete once it can be read; and again after it, for what an old function wrote
    meanwhile (``dynamodb:Scan``, ``dynamodb:UpdateItem``).
    """
    with ThreadPoolExecutor(_WRITES_AT_ONCE, thread_name_prefix="shards") as pool:
        for page in items.scan(aws, name, Attr(SHARD).not_exists()):
            if aws.interrupted.is_set():
                raise KeyboardInterrupt
            list(pool.map(partial(_give_shard, aws, name), page))


def _give_shard(aws: Aws, name: str, item: items.Item) -> None:
    number = str(shard(item[PARTITION_KEY]["S"]))
    client = aws.client("dynamodb")
    with suppress(client.exceptions.ConditionalCheckFailedException):
        client.update_item(
            TableName=name,
            Key={PARTITION_KEY: item[PARTITION_KEY]},
            UpdateExpression="SET #shard = :shard",
            # An update of what was deleted meanwhile would bring it back, as a row without facts.
            ConditionExpression="attribute_exists(#key)",
            ExpressionAttributeNames={"#shard": SHARD, "#key": PARTITION_KEY},
            ExpressionAttributeValues={":shard": {"N": number}},
        )


def _change(aws: Aws, name: str, change: Mapping[str, Any]) -> None:
    keys = change.get("Create", {}).get("KeySchema", [])
    given = {
        "AttributeDefinitions": attribute_definitions(*(each["AttributeName"] for each in keys))
    }
    update = aws.client("dynamodb").update_table
    aws.eventually(
        "dynamodb",
        lambda: update(TableName=name, GlobalSecondaryIndexUpdates=[change], **given),
    )


def _settled(aws: Aws, name: str, describe: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Wait until the table and all its indexes rest, somebody else's included."""
    return aws.settle(
        describe,
        _rests,
        what=f"an index of table {name}",
        seconds=_FILLING_SECONDS,
        every=_EVERY_SECONDS,
    )


def _rests(table: Mapping[str, Any]) -> bool:
    states = [each["IndexStatus"] for each in _indexes(table)]
    return {table.get("TableStatus"), *states} == {"ACTIVE"}


def _ours(indexes: Iterable[Mapping[str, Any]]) -> dict[str, Index]:
    return {
        each["IndexName"]: {
            "KeySchema": each["KeySchema"],
            "Projection": {"ProjectionType": each["Projection"]["ProjectionType"]},
        }
        for each in indexes
        if each["IndexName"] in INDEXES
    }


def _indexes(table: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    indexes: Sequence[Mapping[str, Any]] = table.get("GlobalSecondaryIndexes", [])
    return indexes
