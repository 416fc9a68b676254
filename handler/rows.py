"""The table's rows as they are now, by their keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from handler.schema import PARTITION_KEY, Metadata

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
_KEYS_A_CALL: Final = 100


def row_key(filename: str) -> dict[str, dict[str, str]]:
    """Return the key of the row of this result."""
    return {PARTITION_KEY: {"S": filename}}


def as_read(row: Metadata) -> dict[str, Any]:
    """Return the parameters of a write that is done if the row is still the one that was read.

    Another may be of the same millisecond, so who wrote it is asked for, too.
    """
    item = row.to_item()
    facts = [name for name in ("source_key", "timestamp", "request_id") if name in item]
    return {
        "ConditionExpression": " AND ".join(f"#{name} = :{name}" for name in facts),
        "ExpressionAttributeNames": {f"#{name}": name for name in facts},
        "ExpressionAttributeValues": {f":{name}": item[name] for name in facts},
    }


def read_rows(dynamodb: Any, table: str, filenames: Collection[str]) -> dict[str, Metadata]:
    """Return the rows there are of ``filenames``, read consistently (``dynamodb:BatchGetItem``)."""
    keys = sorted(filenames)
    chunks = (keys[start : start + _KEYS_A_CALL] for start in range(0, len(keys), _KEYS_A_CALL))
    rows = (Metadata.from_item(item) for each in chunks for item in _items(dynamodb, table, each))
    return {row.filename: row for row in rows}


def _items(dynamodb: Any, table: str, filenames: Collection[str]) -> Iterator[Any]:
    asked = {table: {"Keys": [row_key(each) for each in filenames], "ConsistentRead": True}}
    while asked:
        answer = dynamodb.batch_get_item(RequestItems=asked)
        yield from answer["Responses"].get(table, [])
        asked = answer.get("UnprocessedKeys", {})
