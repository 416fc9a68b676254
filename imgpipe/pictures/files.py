"""Local picture files: found, told by their first bytes, and given their keys.

Nothing is decoded, and nothing leaves the machine.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING, Final

from handler.formats import FORMATS, HEAD_BYTES, sniff
from imgpipe.errors import UsageError
from imgpipe.pictures.naming import NAMES, Naming

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# S3 ends a key at 1,024 bytes, and a rendition's key is its source's with up to 60 more, and
# with a second pair for each two hyphens:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
LONGEST_KEY: Final = 1024 - 60
_FIRST_PRINTABLE: Final = 0x20
UNKNOWN: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A regular file: its key, its size in bytes, its content type by its first bytes."""

    path: Path
    key: str
    size: int
    content_type: str


@dataclass(frozen=True)
class Found:
    """``pictures`` to upload; ``refused``: named on the command line, but no picture.

    ``left_out``: how many such in directories.
    """

    pictures: tuple[LocalFile, ...]
    refused: tuple[LocalFile, ...] = ()
    left_out: int = 0


def pictures(paths: Sequence[Path], naming: Naming = NAMES) -> Found:
    """Return the pictures among ``paths``: files, and whatever is beneath directories, in order.

    Raises:
        UsageError: a path is missing or cannot be read, there is no picture, a key cannot be used
        or is needed twice.
    """
    files, named = _files(paths, naming), set(paths)
    others = [file for file in files if file.content_type == UNKNOWN]
    refused = tuple(file for file in others if file.path in named)
    found = Found(
        _keyed([file for file in files if file.content_type != UNKNOWN]),
        refused,
        len(others) - len(refused),
    )
    if files and not found.pictures:
        what = (
            f"{files[0].path} is not" if len(files) == 1 else f"none of the {len(files)} files is"
        )
        raise UsageError(
            f"{what} a picture imgpipe can process",
            hint=f"formats: {', '.join(FORMATS)}; --force uploads anything",
        )
    return found


def everything(paths: Sequence[Path], naming: Naming = NAMES) -> Found:
    """Return the files among ``paths``, pictures or not. Raises as ``pictures``."""
    return Found(_keyed(_files(paths, naming)))


def _files(paths: Sequence[Path], naming: Naming) -> list[LocalFile]:
    folder, take = naming.folder, naming.patterns.take
    names = ((path, naming.name(path, named)) for named in paths for path in _beneath(named))
    files = [local(path, folder + name) for path, name in names if take(name)]
    if paths and not files:
        raise UsageError(
            "--include and --exclude leave no file",
            hint="the last pattern that matches a file's path decides; quote patterns",
        )
    return files


def _beneath(named: Path) -> Iterator[Path]:
    with _reading(named):
        directory = S_ISDIR(named.stat().st_mode)
    if not directory:
        yield named
        return
    files = list(_walk(named))
    if not files:
        raise UsageError(f"{named} holds no files", hint="name a directory with pictures in it")
    yield from files


def _walk(directory: Path) -> Iterator[Path]:
    """Yield every regular file, each directory's in order, links followed.

    A directory met again, as in a loop, is passed over.
    """
    seen: set[tuple[int, int]] = set()
    pending = [directory]
    while pending:
        here = pending.pop()
        with _reading(here):
            status = here.stat()
            entries = [] if (status.st_dev, status.st_ino) in seen else sorted(here.iterdir())
            files = [entry for entry in entries if entry.is_file()]
            pending += reversed([entry for entry in entries if entry.is_dir()])
        seen.add((status.st_dev, status.st_ino))
        yield from files


def local(path: Path, key: str) -> LocalFile:
    """Return the file at ``path`` that is to become ``key``.

    Raises:
        UsageError: it is missing, cannot be read, or is no regular file.
    """
    with _reading(path):
        if not path.is_file():
            raise UsageError(
                f"{path} is neither a file nor a directory", hint="name a picture's file"
            )
        with path.open("rb") as file:
            size, head = os.fstat(file.fileno()).st_size, file.read(HEAD_BYTES)
    kind = sniff(head)
    return LocalFile(path, key, size, kind.content_type if kind else UNKNOWN)


def _keyed(files: Sequence[LocalFile]) -> tuple[LocalFile, ...]:
    """Return the files by key, the same file named twice just once."""
    by_key: dict[str, LocalFile] = {}
    for file in files:
        check_key(file)
        other = by_key.setdefault(file.key, file)
        if other is not file and not other.path.samefile(file.path):
            raise UsageError(
                f"{other.path} and {file.path} would both be uploaded as {file.key}",
                hint="--relative-to keeps their folders; or upload them one after the other, each "
                "with its own --prefix",
            )
    return tuple(by_key.values())


def check_key(file: LocalFile) -> None:
    """Raise ``UsageError`` if S3, or what is made of a picture, cannot have the file's key."""
    try:
        length = len(file.key.replace("--", "----").encode())
    except UnicodeEncodeError:
        raise UsageError(
            f"the name of {file.path} is not UTF-8, and S3 knows no other names", hint="rename it"
        ) from None
    if any(ord(c) < _FIRST_PRINTABLE and c not in "\t\n\r" for c in file.key):
        # XML 1.0, 2.2: S3 answers in XML, which has no way to write the others, so nobody could
        # list or delete the object.
        raise UsageError(
            f"the name of {file.path} has a control character, which S3 cannot list",
            hint="rename it",
        )
    if length > LONGEST_KEY:
        raise UsageError(
            f"{file.path}: a key of {length:,} bytes is too long",
            hint=f"at most {LONGEST_KEY:,} bytes, --prefix included; rename it",
        )


@contextmanager
def _reading(path: Path) -> Iterator[None]:
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
