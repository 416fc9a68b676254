"""Files written for a person: whole or not at all, and in nothing's place unless that is meant."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from imgpipe.errors import SettingsError, UsageError


def require_free(files: Mapping[Path, bytes]) -> None:
    """Raise ``UsageError`` if a file of other content is where one of ``files`` would be."""
    taken = [path for path, content in files.items() if _differs(path, content)]
    if taken:
        raise UsageError(
            f"{', '.join(map(str, taken))} {'exists' if len(taken) == 1 else 'exist'} already",
            hint="name another file, or say --force to replace it",
        )


def require_absent(paths: Iterable[Path], hint: str, *commands: str) -> None:
    """Raise ``UsageError`` with this ``hint`` if anything is at one of ``paths``."""
    taken = [str(path) for path in paths if path.exists() or path.is_symlink()]
    if taken:
        raise UsageError(
            f"{', '.join(taken)} {'exists' if len(taken) == 1 else 'exist'} already, and "
            f"{'is' if len(taken) == 1 else 'are'} never replaced",
            hint=hint,
            next=commands,
        )


def write(files: Mapping[Path, bytes]) -> None:
    """Write each of ``files`` in its order; a reader sees the old content or the new.

    Raises:
        SettingsError: one cannot be written, and none after it was.
    """
    for path, content in files.items():
        try:
            _replace(path.resolve(), content)  # a link stays one
        except OSError as error:
            raise SettingsError(
                f"{path} cannot be written: {error.strerror}", hint="name a file somewhere else"
            ) from None


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, into a folder of theirs; ``OSError`` if not.

    A reader sees the old content or the new, and nobody else the first byte of it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with open(beside, "wb", opener=lambda name, _: os.open(name, flags, 0o600)) as file:
            file.write(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _differs(path: Path, content: bytes) -> bool:
    if path.is_file():
        return path.read_bytes() != content
    return path.exists()


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        beside.write_bytes(content)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
