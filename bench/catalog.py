"""``imgpipe --local list-metadata`` on a short table and on one of 100,000 rows."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.goals import Goal
from bench.markdown import section, table
from bench.timing import time_process
from handler.schema import Metadata, Status
from imgpipe import local
from imgpipe.aws import account
from imgpipe.pictures import catalog
from imgpipe.pipeline.names import Names
from imgpipe.resources import table_indexes
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgpipe.aws.account import Aws

_SIZES: Final = (1_000, 100_000)
_SHOWN: Final = 50
_ROUNDS: Final = 5
_ROWS_A_CALL: Final = 25
_NOTE: Final = (
    "The whole command on the embedded AWS, from its start to the table of the newest 50 rows; wall"
    " time, medians. *Rows read* is what DynamoDB would bill for: Query's own count. The embedded"
    " AWS itself sorts every row of a shard to answer, which AWS does not: what the long table"
    " takes longer is the emulator's."
)


@dataclass(frozen=True)
class _Listing:
    """What one list took, in seconds, and the rows that were read for it."""

    seconds: float
    rows_read: int


def measure() -> tuple[list[Goal], str]:
    """List the newest rows of each table in turn; return the goals and the section."""
    listings = {size: _measured(size) for size in _SIZES}
    longest = listings[_SIZES[-1]]
    goals = [
        Goal(f"list-metadata, {_SHOWN} of {_SIZES[-1]:,} rows", longest.seconds, 1.0, "s"),
        Goal(f"rows read to show {_SHOWN} of {_SIZES[-1]:,}", longest.rows_read, 200, "rows"),
    ]
    lines = [
        [f"{size:,}", f"{each.seconds:.2f}", str(each.rows_read)] for size, each in listings.items()
    ]
    return goals, section(
        "List of the newest rows",
        _NOTE,
        table(["rows in the table", "seconds", "rows read"], lines),
    )


def _measured(size: int) -> _Listing:
    with tempfile.TemporaryDirectory() as folder:
        with _connected(Path(folder)) as aws:
            name = Names.of(Settings(), aws.account, aws.region).table
            _fill(aws, name, size)
        return _listed(Path(folder), name)


def _listed(state: Path, name: str) -> _Listing:
    """List a table that the embedded AWS found when it started, and no longer has to save."""
    with _connected(state) as aws:
        command = [sys.executable, "-m", "imgpipe", "--local", "list-metadata"]
        environment = {**os.environ, "IMGPIPE_STATE_DIR": str(state)}
        times = [time_process(command, environment).wall / 1000 for _ in range(_ROUNDS)]
        return _Listing(statistics.median(times), _rows_read(aws, name))


@contextmanager
def _connected(state: Path) -> Iterator[Aws]:
    emulator = local.start(state)
    try:
        credentials = account.Credentials(emulator.access_key, emulator.secret_key)
        yield account.connect(
            region=emulator.region, endpoint_url=emulator.url, credentials=credentials
        )
    finally:
        local.stop(state)


def _fill(aws: Aws, name: str, size: int) -> None:
    aws.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "filename", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        **table_indexes.definitions(),
    )
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(_write, aws, name), range(0, size, _ROWS_A_CALL)))


def _write(aws: Aws, name: str, first: int) -> None:
    puts = [
        {"PutRequest": {"Item": _row(number).to_item()}}
        for number in range(first, first + _ROWS_A_CALL)
    ]
    aws.client("dynamodb").batch_write_item(RequestItems={name: puts})


def _row(number: int) -> Metadata:
    written = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return Metadata(
        filename=f"2026/processed-IMG_{number}.jpg",
        size=72_290,
        timestamp=written.isoformat(timespec="milliseconds"),
        status=Status.PROCESSED,
        source_key=f"2026/IMG_{number}.jpg",
        source_size=4_711_234,
        source_etag="0" * 32,
        source_modified=written.isoformat(timespec="seconds"),
        width=800,
        height=600,
        content_type="image/jpeg",
        duration=250,
        request_id="0" * 36,
        upload_id="0" * 32,
    )


def _rows_read(aws: Aws, name: str) -> int:
    read: list[int] = []

    def note(parsed: dict[str, Any], **_: object) -> None:
        read.append(parsed["ScannedCount"])

    aws.client("dynamodb").meta.events.register("after-call.dynamodb.Query", note)
    catalog.newest(aws, name, catalog.Query(), _SHOWN)
    return sum(read)


if __name__ == "__main__":
    sys.stdout.write(measure()[1])
