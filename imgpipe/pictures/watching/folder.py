"""The files of a watched folder, as they are at a moment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final

from imgpipe.errors import ImgpipeError
from imgpipe.pictures.files import UNKNOWN, LocalFile, check_key, local
from imgpipe.pictures.naming import NAMES, Naming

# How programs call a file until it is whole: rsync, browsers, editors, and Finder's own.
_ON_THEIR_WAY: Final = (".part", ".partial", ".crdownload", ".download", ".tmp", "~")


_Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells that a file is another than it was: bytes, nanoseconds, and inode."""

    size: int
    modified: int
    inode: int


class Folder:
    """The files beneath ``root`` that ``naming`` means, by their names: paths with ``/`` in them.

    Hidden files, and those that bear a name of what is on its way, are none of them. ``any_kind``:
    files that are no pictures are.
    """

    def __init__(self, root: Path, naming: Naming = NAMES, *, any_kind: bool = False) -> None:
        self.root = root.resolve()
        self.prefix = naming.folder
        self._take, self._any_kind = naming.patterns.take, any_kind
        self._identity = _identity(self.root)
        self._mounts: dict[Path, _Identity] = {}

    def require_there(self) -> None:
        """Raise ``ImgpipeError`` if the folder is gone, or another is in its place.

        A disk that is no longer mounted must not look like a folder that was emptied.
        """
        if _identity(self.root) != self._identity:
            raise ImgpipeError(
                f"{self.root} is gone, or another folder is in its place",
                hint="nothing was deleted for that; once it is back, watch it again",
            )

    def name(self, path: Path) -> str:
        """Return the name of a path beneath the folder; empty for the folder itself."""
        return "" if path == self.root else path.relative_to(self.root).as_posix()

    def key(self, name: str) -> str:
        """Return the key of the file ``name``."""
        return self.prefix + name

    def look(self, names: Iterable[str]) -> dict[str, Mark]:
        """Return the files that are now under these names, each one of a file or of a folder."""
        found: dict[str, Mark] = {}
        for name in names:
            path = self.root / name
            below = self._walk(path) if path.is_dir() else [path]
            for each in below:
                if mark := self.mark(self.name(each)):
                    found[self.name(each)] = mark
        return found

    def mark(self, name: str) -> Mark | None:
        """Return the mark of the file ``name``; ``None`` where there is none that is meant."""
        if not self._means(name):
            return None
        try:
            status = (self.root / name).stat()
        except OSError:
            return None
        if not S_ISREG(status.st_mode):
            return None
        return Mark(status.st_size, status.st_mtime_ns, status.st_ino)

    def has(self, name: str) -> bool:
        """Say whether anything is there under this name, or may be on a disk that is not."""
        path = self.root / name
        gone = any(
            path.is_relative_to(at) and _identity(at) != was for at, was in self._mounts.items()
        )
        return gone or os.path.lexists(path)

    def file(self, name: str) -> LocalFile | None:
        """Return the file ``name``; ``None`` for one that is no picture.

        Raises:
            UsageError: it cannot be read, or S3 knows no such key.
        """
        found = local(self.root / name, self.key(name))
        if found.content_type == UNKNOWN and not self._any_kind:
            return None
        check_key(found)
        return found

    def _means(self, name: str) -> bool:
        hidden = any(part.startswith(".") for part in name.split("/"))
        return not hidden and not name.endswith(_ON_THEIR_WAY) and self._take(name)

    def _walk(self, folder: Path) -> Iterator[Path]:
        """Yield what is beneath and no folder, links followed, as far as it can be read."""
        seen: set[_Identity] = set()
        pending = [folder]
        while pending:
            here = pending.pop()
            identity = _identity(here)
            if not identity or identity in seen:
                continue
            seen.add(identity)
            if self._identity and identity[0] != self._identity[0]:
                self._mounts[here] = identity
            folders, files = _entries(here)
            pending += folders
            yield from files


def _identity(path: Path) -> _Identity | None:
    """Return which folder is at ``path``: its disk, and its number there; ``None`` for none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders in a folder, and what else there is; what cannot be read is left out."""
    folders: list[Path] = []
    files: list[Path] = []
    with suppress(OSError):
        for entry in os.scandir(folder):
            with suppress(OSError):
                (folders if entry.is_dir() else files).append(Path(entry.path))
    return folders, files
