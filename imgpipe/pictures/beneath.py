"""What is beneath a path that somebody named, one file after the other."""

from __future__ import annotations

import os
from contextlib import contextmanager
from errno import ELOOP
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING

from imgpipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def beneath(named: Path) -> Iterator[Path]:
    """Yield the path ``named`` itself, or every regular file beneath it if it is a directory.

    Raises:
        UsageError: it is missing, holds no files, or something cannot be read.
    """
    with reading(named):
        directory = S_ISDIR(named.stat().st_mode)
    if not directory:
        yield named
        return
    path = None
    for path in _walk(named):
        yield path
    if not path:
        raise UsageError(f"{named} holds no files", hint="name a directory with pictures in it")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say of ``path``, as a ``UsageError``, that it is missing or cannot be read."""
    try:
        yield
    except FileNotFoundError:
        raise UsageError(
            f"{path} does not exist", hint="check the name and the directory you are in"
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="check its permissions"
        ) from error


def _walk(directory: Path) -> Iterator[Path]:
    """Yield every regular file, each directory's in order, links followed.

    A directory met again, as in a loop, is passed over. Memory holds the names of one directory.
    """
    seen: set[tuple[int, int]] = set()
    pending = [directory]
    while pending:
        here = pending.pop()
        with reading(here):
            status = here.stat()
            again = (status.st_dev, status.st_ino) in seen
            seen.add((status.st_dev, status.st_ino))
            files, folders = ([], []) if again else _entries(here)
        pending += [here / name for name in reversed(folders)]
        yield from (here / name for name in files)


def _entries(directory: Path) -> tuple[list[str], list[str]]:
    """Return the names of the files and of the folders in ``directory``, each in order."""
    files: list[str] = []
    folders: list[str] = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if _is(entry.is_file):
                files.append(entry.name)
            elif _is(entry.is_dir):
                folders.append(entry.name)
    return sorted(files), sorted(folders)


def _is(kind: Callable[[], bool]) -> bool:
    """Say whether an entry is of a kind; a link to itself is of none."""
    try:
        return kind()
    except OSError as error:
        if error.errno == ELOOP:
            return False
        raise
