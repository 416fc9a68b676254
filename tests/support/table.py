"""The table of rows, as setup makes it, and as release 0.1.0 made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from imgpipe.resources import table_indexes

if TYPE_CHECKING:
    from handler.schema import Metadata

TABLE: Final = "ImageMetadata"


def make(dynamodb: Any, **given: object) -> None:
    """Make the table with its indexes."""
    _make(dynamodb, **table_indexes.definitions(), **given)


def make_without_indexes(dynamodb: Any, **given: object) -> None:
    """Make the table as release 0.1.0 did."""
    attribute = {"AttributeName": "filename", "AttributeType": "S"}
    _make(dynamodb, AttributeDefinitions=[attribute], **given)


def write(dynamodb: Any, *rows: Metadata) -> None:
    """Write rows as the function does."""
    for row in rows:
        dynamodb.put_item(TableName=TABLE, Item=row.to_item())


def write_without_shard(dynamodb: Any, *rows: Metadata) -> None:
    """Write rows as release 0.1.0's function did."""
    for row in rows:
        item = {name: value for name, value in row.to_item().items() if name != "shard"}
        dynamodb.put_item(TableName=TABLE, Item=item)


def _make(dynamodb: Any, **given: object) -> None:
    key = [{"AttributeName": "filename", "KeyType": "HASH"}]
    dynamodb.create_table(
        **{"TableName": TABLE, "KeySchema": key, "BillingMode": "PAY_PER_REQUEST", **given}
    )
