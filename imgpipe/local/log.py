"""The embedded AWS's own log, line by line. The lines may contain whatever a request contained."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from imgpipe.errors import LocalError
from imgpipe.local import state as states

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import TextIOWrapper
    from pathlib import Path

EVERY_SECONDS: Final = 0.25


def log_lines(state: Path) -> Iterator[str]:
    """Yield what the log of ``state`` holds, oldest line first.

    Raises:
        LocalError: there is no log yet.
    """
    log = _log(state)
    for path in (log.with_name(f"{log.name}.1"), log):
        with suppress(FileNotFoundError), path.open(errors="replace") as stream:
            yield from (line.rstrip("\n") for line in stream)


def follow_log(state: Path) -> Iterator[str]:
    """Yield the newest log file's lines and then, for ever, every line as it is written.

    ``LocalError`` as in ``log_lines``.
    """
    log = _log(state)
    while True:
        with log.open(errors="replace") as stream:
            yield from _growth(stream, log)


def _log(state: Path) -> Path:
    log = state / states.LOG
    if not log.exists():
        raise LocalError("the embedded AWS has not run yet", next=("local start",))
    return log


def _growth(stream: TextIOWrapper, log: Path) -> Iterator[str]:
    """Yield whole lines until the server begins a new file and this one is read."""
    while True:
        here, newest = stream.tell(), _same_file(stream, log)
        line = stream.readline()
        if line.endswith("\n"):
            yield line.rstrip("\n")
        elif newest:
            stream.seek(here)
            time.sleep(EVERY_SECONDS)
        else:
            return


def _same_file(stream: TextIOWrapper, log: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), log.stat())
    except FileNotFoundError:
        return True  # it is just being replaced: look again
