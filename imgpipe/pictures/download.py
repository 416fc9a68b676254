"""Objects brought home: side by side, each whole or not at all, gone on with where it broke off.

What is not whole lies in the folder's own folder, under a name made of bucket, key and ETag; it is
only ever gone on with from an object of that ETag (``If-Match``).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imgpipe.errors import ImgpipeError, PartialError
from imgpipe.pictures import fetching, threads
from imgpipe.pictures.homes import Folder, UnsafeKeyError
from imgpipe.pictures.remote import Missing, Remote

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_AT_ONCE: Final = 16
_DIFFERS: Final = "a file of other content is there; --overwrite replaces it"


class Fate(StrEnum):
    """What became of an object that was to be downloaded."""

    DOWNLOADED = "downloaded"
    PRESENT = "present"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Downloaded:
    """What became of the object ``key``: its file, unless there is none for a ``reason``."""

    key: str
    fate: Fate
    path: Path | None = None
    size: int = 0
    reason: str = ""


def download(
    aws: Aws, folder: Folder, wanted: Sequence[Remote | Missing], *, overwrite: bool
) -> Generator[Downloaded, None, None]:
    """Bring each of ``wanted`` home, some at once, and yield what became of it as it ends.

    One that fails keeps no other (``s3:GetObject``).
    """
    remotes = [each for each in wanted if isinstance(each, Remote)]
    twins = folder.twins(each.key for each in remotes)
    for each in wanted:
        if isinstance(each, Missing):
            yield Downloaded(each.key, Fate.UNKNOWN, reason=each.reason)
        elif other := twins.get(each.key):
            reason = f"this disk takes its name for that of {other}"
            yield Downloaded(each.key, Fate.SKIPPED, reason=reason)
    fetch = partial(_fetched, aws, folder, overwrite=overwrite)
    folder.state.mkdir(exist_ok=True)
    left = (each for each in remotes if each.key not in twins)
    try:
        yield from threads.each(aws, fetch, left, _AT_ONCE, "download")
    finally:
        folder.clear()


def raise_for_failures(done: Iterable[Downloaded]) -> None:
    """Raise ``PartialError`` when all is ``done``, unless every object is here."""
    fates = Counter(each.fate for each in done)
    here = fates[Fate.DOWNLOADED] + fates[Fate.PRESENT]
    if left := fates.total() - here:
        raise PartialError(
            f"{left} of {fates.total()} objects were not downloaded",
            hint="the reasons stand above; run again, it goes on where it stopped",
        )


def _fetched(aws: Aws, folder: Folder, remote: Remote, *, overwrite: bool) -> Downloaded:
    try:
        return _wanted(aws, folder, remote, folder.of(remote.key), overwrite=overwrite)
    except UnsafeKeyError as error:
        return Downloaded(remote.key, Fate.SKIPPED, reason=str(error))
    except (ImgpipeError, fetching.UnfinishedError) as error:
        return Downloaded(remote.key, Fate.FAILED, reason=str(error))
    except OSError as error:
        return Downloaded(remote.key, Fate.FAILED, reason=error.strerror or str(error))


def _wanted(aws: Aws, folder: Folder, remote: Remote, path: Path, *, overwrite: bool) -> Downloaded:
    taken = os.path.lexists(path)
    if taken and _same(path, remote):
        return Downloaded(remote.key, Fate.PRESENT, path, remote.size)
    if taken and not overwrite:
        return Downloaded(remote.key, Fate.SKIPPED, reason=_DIFFERS)
    try:
        _bring(aws, folder, remote, path, overwrite=overwrite)
    except FileExistsError:  # meanwhile
        return Downloaded(remote.key, Fate.SKIPPED, reason=_DIFFERS)
    return Downloaded(remote.key, Fate.DOWNLOADED, path, remote.size)


def _same(path: Path, remote: Remote) -> bool:
    """Say whether the object is here already: as it was left by a download, or by its content."""
    if path.is_symlink() or not path.is_file():
        return False
    status = path.stat()
    if status.st_size != remote.size:
        return False
    return status.st_mtime_ns == _nanoseconds(remote) or fetching.md5_of(path) == remote.etag


def _nanoseconds(remote: Remote) -> int:
    """Return when the object was put, to the second: no file that somebody wrote has that time."""
    return int(remote.modified.timestamp()) * 10**9


def _bring(aws: Aws, folder: Folder, remote: Remote, path: Path, *, overwrite: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UnsafeKeyError("a file is where its folder would be") from None
    name = sha256(f"{remote.bucket}\0{remote.key}\0{remote.etag}".encode()).hexdigest()
    part = folder.state / f"{name}.part"
    with fetching.whole(aws, remote, part):
        os.utime(part, ns=(_nanoseconds(remote), _nanoseconds(remote)))
        _move(part, path, overwrite=overwrite)


def _move(part: Path, path: Path, *, overwrite: bool) -> None:
    """Give what is whole its name; ``FileExistsError`` where that is taken and not to be."""
    if overwrite:
        part.replace(path)
        return
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        part.replace(path)
    else:
        part.unlink()
