"""What list-metadata shows: a table of the newest rows, or every row while it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final

from rich.filesize import decimal
from rich.text import Text

from handler.schema import Metadata
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import printable

COLUMNS: Final = (
    Column("TIME (UTC)", gives_way=2),
    Column("STATUS"),
    Column("PIXELS", right=True, gives_way=3),
    Column("SIZE", right=True, gives_way=1),
    Column("FILENAME"),
)
FIELDS: Final = tuple(field.name for field in fields(Metadata))


@dataclass(frozen=True)
class Listing:
    """The newest rows, ``limit`` at most; how many there are in all, nobody has counted."""

    rows: Sequence[Metadata]
    limit: int


def summary(listing: Listing) -> str:
    """Return how many rows are shown, and how to see more where there may be more."""
    if not listing.rows:
        return "No rows."
    full = len(listing.rows) == listing.limit
    more = " More: --limit, or all: --output json" if full else ""
    return f"\n{len(listing.rows)}, newest first.{more}"


def newest(listing: Listing, paper: Paper) -> Iterator[Text]:
    """Yield the table of the newest rows; nothing where there are none."""
    if listing.rows:
        yield from table(COLUMNS, [_cells(row) for row in listing.rows], paper.width)


def _cells(row: Metadata) -> list[Text]:
    name = f"{row.source_key}: {row.reason}" if row.reason else row.filename
    return [
        Text(printable(row.timestamp[:19].replace("T", " "))),
        Text(printable(row.status), "green" if row.status == "processed" else "red"),
        Text(f"{row.width} x {row.height}" if row.width else "-"),
        Text(decimal(row.size)),
        Text(printable(name), no_wrap=not row.reason),
    ]


def _csv_cells(row: Metadata) -> list[object]:
    return [_joined(getattr(row, name)) for name in FIELDS]


def _joined(value: object) -> object:
    return "; ".join(value) if isinstance(value, tuple) else value


def _record(row: Metadata) -> Metadata:
    return row


VIEW: Final = View(_record, lambda row, _: [Text("  ").join(_cells(row))], (FIELDS, _csv_cells))
