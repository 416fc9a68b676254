"""The stream of a table in memory (moto), as Lambda reads it."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.models import dynamodb_backends

from imgpipe.resources import table_stream

ACCOUNT, REGION = "123456789012", "us-east-1"


class Stream:
    """All changes of a table since the stream was opened, and how far Lambda has come."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._table: Any = dynamodb_backends[ACCOUNT][REGION].tables[table]
        self._table.latest_stream_label = None  # moto opens no second one
        dynamodb.update_table(TableName=table, StreamSpecification=table_stream.ENABLED)
        self.told = 0

    @property
    def records(self) -> list[dict[str, Any]]:
        """Every change there was."""
        return [record.to_json() for record in self._table.stream_shard.items]

    def batch(self, most: int = 1000) -> dict[str, Any]:
        """Return the event of the changes that Lambda has not told yet, at most so many."""
        records = self.records[self.told : self.told + most]
        self.told += len(records)
        return {"Records": records}
