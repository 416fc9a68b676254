"""The envelope that all JSON is in: a version and the command, around one record or a list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from imgpipe.render.untrusted import path_text, printable_json

ENVELOPE_VERSION: Final = 1
# Of a record, and of the list of them: held back until the next, so that what is written ends with
# a line, below which a terminal may draw.
_RECORD_END: Final = "    }"
_LIST_END: Final = f"{_RECORD_END}\n  ]\n}}"


def envelope(command: str, record: object, key: str = "data", indent: int | None = 2) -> str:
    """Return ``record``, a dataclass or a list of such, in its envelope."""
    whole = {"imgpipe": ENVELOPE_VERSION, "command": command, key: record}
    text = json.dumps(whole, indent=indent, ensure_ascii=False, default=_plain)
    return printable_json(text)


@contextmanager
def listed(command: str, out: IO[str]) -> Iterator[Callable[[object], None]]:
    """Write an envelope around a list to ``out``, while its portions are added: lists of records.

    What was begun is valid JSON wherever it ends; what ends badly before is not begun.
    """
    empty = envelope(command, [])
    head = before = empty.removesuffix("]\n}")

    def add(portion: object) -> None:
        nonlocal before
        records = envelope(command, portion).removeprefix(head).removesuffix(_LIST_END)
        if portion:
            out.write(before + records)
            before = f"{_RECORD_END},"

    try:
        yield add
    except BaseException:
        out.write("" if before == head else f"{_LIST_END}\n")
        raise
    out.write(f"{empty if before == head else _LIST_END}\n")


def _plain(value: object) -> Any:
    """Return as plain values what JSON does not know by itself."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, Path):
        return path_text(value)
    return str(value)
