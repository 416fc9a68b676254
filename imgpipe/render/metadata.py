"""What list-metadata shows: a table of the newest rows, or every row as JSON or CSV while it is read."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Final, TextIO

from rich.text import Text

from handler.schema import Metadata
from imgpipe.render._screen import data, human_bytes, narration
from imgpipe.render._table import columns
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgpipe.settings import Settings

HEADER: Final = ("TIME (UTC)", "STATUS", "PIXELS", "SIZE", "FILENAME")
FIELDS: Final = tuple(field.name for field in fields(Metadata))
# A spreadsheet takes a cell that begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def table(rows: Sequence[Metadata], total: int, settings: Settings) -> None:
    """Print the rows, and how many of how many they are."""
    console, talk = data(), narration(quiet=settings.quiet)
    if not rows:
        talk.print("No rows.")
        return
    lines = columns(HEADER, [_cells(row) for row in rows], right=frozenset({"PIXELS", "SIZE"}))
    console.print(Text("\n").join(lines), soft_wrap=True)
    talk.print(
        f"\n{len(rows)} of {total:,}, newest first."
        + (" More: --limit, or all: --output json" if total > len(rows) else "")
    )


def write_json(rows: Iterable[Metadata], out: TextIO | None = None) -> None:
    """Write one JSON array, a row a line, each as it comes."""
    out = out or sys.stdout
    before = "["
    for row in rows:
        out.write(f"{before}\n{json.dumps(vars(row), ensure_ascii=False)}")
        before = ","
    out.write("[]\n" if before == "[" else "\n]\n")


def write_csv(rows: Iterable[Metadata], out: TextIO | None = None) -> None:
    """Write a header and the rows, each as it comes; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    writer = csv.writer(out or sys.stdout, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(FIELDS)
    for row in rows:
        writer.writerow([_inert(getattr(row, name)) for name in FIELDS])


def _cells(row: Metadata) -> list[Text]:
    pixels = f"{row.width} x {row.height}" if row.width else "-"
    style = "green" if row.status == "processed" else "red"
    what = Text(printable(row.filename if not row.reason else f"{row.source_key}: {row.reason}"))
    return [
        Text(printable(row.timestamp[:19].replace("T", " "))),
        Text(printable(row.status), style),
        Text(pixels),
        Text(human_bytes(row.size)),
        what,
    ]


def _inert(value: object) -> object:
    value = "; ".join(value) if isinstance(value, tuple) else value
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
