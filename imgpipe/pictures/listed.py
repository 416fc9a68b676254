"""Paths read from a list: one a line, or each with a NUL behind it, as ``find -print0`` writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE: Final = b"\n"
NUL: Final = b"\0"
_BLOCK_BYTES: Final = 64 * 1024


def paths(stream: IO[bytes], end: bytes = LINE) -> Iterator[Path]:
    """Yield the paths that ``stream`` holds, each with ``end`` behind it; empty ones are left out.

    A name may be anything but that: it is taken byte by byte as it stands, quotes, spaces and
    carriage returns included.
    """
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        *whole, rest = (rest + block).split(end)
        yield from (Path(os.fsdecode(name)) for name in whole if name)
    if rest:
        yield Path(os.fsdecode(rest))
