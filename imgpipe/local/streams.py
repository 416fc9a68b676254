"""Streams of tables that outlive the embedded AWS's process.

ministack keeps how far a function has read a stream, but not the stream: after a restart it would
skip as many changes as it had ever handed over, and the page's function would never see them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc

STATE: Final = "imgpipe_streams"


def saved(state: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Return ``state``, DynamoDB's, with what of each stream is still to be handed over."""

    def with_streams() -> dict[str, Any]:
        streams = AccountRegionScopedDict()
        for (account, region, table), records in dynamodb._stream_records.all_items():
            place = {"account_id": account, "region": region}
            start = dynamodb.stream_start_position(table, **place)
            read = min(_positions(account, region, table), default=start + len(records))
            begin = max(start, read)
            left = {"begin": begin, "records": records[begin - start :]}
            streams.set_scoped(account, region, table, left)
        return {**state(), STATE: streams}

    return with_streams


def restored(load: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    """Return ``load``, which takes what ``saved`` returned."""

    def with_streams(state: dict[str, Any]) -> None:
        load(state)
        for where, left in state.get(STATE, AccountRegionScopedDict()).all_items():
            dynamodb._stream_records.set_scoped(*where, left["records"])
            dynamodb._stream_trimmed.set_scoped(*where, left["begin"])

    return with_streams


def _positions(account: str, region: str, table: str) -> list[int]:
    """Return how far each function has read the stream of ``table``."""
    of_table = f":dynamodb:{region}:{account}:table/{table}/stream/"
    return [
        position
        for where, position in lambda_svc._dynamodb_stream_positions.all_items()
        if of_table in lambda_svc._esms.get_scoped(*where, {}).get("EventSourceArn", "")
    ]
