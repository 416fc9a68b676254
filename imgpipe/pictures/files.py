"""Local picture files: found, told by their first bytes, and given their keys.

Nothing is decoded, and nothing leaves the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, Final

from handler.formats import FORMATS, HEAD_BYTES, sniff
from imgpipe.errors import UsageError
from imgpipe.pictures.beneath import beneath, reading
from imgpipe.pictures.kept import Kept
from imgpipe.pictures.naming import NAMES, Naming

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


Files = Kept[LocalFile] | tuple[LocalFile, ...]


def kept() -> Kept[LocalFile]:
    """Return what keeps as many files as come."""
    return Kept(packed, unpacked)


@dataclass(frozen=True)
class Found:
    """``pictures`` to upload; ``refused``: named on the command line, but no picture.

    ``left_out``: how many such in directories.
    """

    pictures: Files
    refused: Files = ()
    left_out: int = 0


def pictures(paths: Iterable[Path], naming: Naming = NAMES) -> Found:
    """Return the pictures among ``paths``: files, and whatever is beneath directories, in order.

    Raises:
        UsageError: a path is missing or cannot be read, there is no picture, a key cannot be used
        or is needed twice.
    """
    chosen, refused, left_out, file = _Keyed(), kept(), 0, None
    for named, file in _files(paths, naming):
        if file.content_type != UNKNOWN:
            chosen.add(named, file)
        elif file.path == named:
            refused.add(file)
        else:
            left_out += 1
    others = left_out + len(refused)
    if file and not chosen.files:
        what = f"{file.path} is not" if others == 1 else f"none of the {others} files is"
        raise UsageError(
            f"{what} a picture imgpipe can process",
            hint=f"formats: {', '.join(FORMATS)}; --force uploads anything",
        )
    return Found(chosen.files, refused, left_out)


def everything(paths: Iterable[Path], naming: Naming = NAMES) -> Found:
    """Return the files among ``paths``, pictures or not. Raises as ``pictures``."""
    chosen = _Keyed()
    for named, file in _files(paths, naming):
        chosen.add(named, file)
    return Found(chosen.files)


def _files(paths: Iterable[Path], naming: Naming) -> Iterator[tuple[Path, LocalFile]]:
    """Yield each file that is meant, behind the path that named it."""
    folder, take = naming.folder, naming.patterns.take
    named = file = None
    for named in paths:
        for path in beneath(named):
            name = naming.name(path, named)
            if take(name):
                file = local(path, folder + name)
                yield named, file
    if named and not file:
        raise UsageError(
            "--include and --exclude leave no file",
            hint="the last pattern that matches a file's path decides; quote patterns",
        )


def local(path: Path, key: str) -> LocalFile:
    """Return the file at ``path`` that is to become ``key``.

    Raises:
        UsageError: it is missing, cannot be read, or is no regular file.
    """
    with reading(path):
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise UsageError(
                f"{path} is neither a file nor a directory", hint="name a picture's file"
            )
        with path.open("rb", buffering=0) as file:
            kind = sniff(file.read(HEAD_BYTES))
    return LocalFile(path, key, status.st_size, kind.content_type if kind else UNKNOWN)


def packed(file: LocalFile) -> list[str | int]:
    """Return ``file`` as what JSON knows."""
    return [str(file.path), file.key, file.size, file.content_type]


def unpacked(path: str, *others: Any) -> LocalFile:
    """Return the file that was ``packed``."""
    return LocalFile(Path(path), *others)


class _Keyed:
    """Files, each key once; the same file named twice is kept just once.

    A directory has no two files for one key, so where that is all, no key is remembered.
    """

    def __init__(self) -> None:
        self.files = kept()
        self._named: Path | None = None
        self._places: dict[int, int] = {}

    def add(self, named: Path, file: LocalFile) -> None:
        """Take in a file of the path ``named``. Raises ``UsageError`` as ``pictures``."""
        check_key(file)
        if self._named is not named and not self._places:
            self._places = {hash(each.key): place for place, each in self.files.places()}
        self._named = named
        place = self._places.get(hash(file.key))
        if place is None:
            place = self.files.add(file)
            if self._places:
                self._places[hash(file.key)] = place
            return
        other = self.files.at(place)
        if not other.path.samefile(file.path):
            raise UsageError(
                f"{other.path} and {file.path} would both be uploaded as {file.key}",
                hint="--relative-to keeps their folders; or upload them one after the other, each "
                "with its own --prefix",
            )


def check_key(file: LocalFile) -> None:
    """Raise ``UsageError`` if S3, or what is made of a picture, cannot have the file's key."""
    try:
        length = len(file.key.replace("--", "----").encode())
    except UnicodeEncodeError:
        raise UsageError(
            f"the name of {file.path} is not UTF-8, and S3 knows no other names", hint="rename it"
        ) from None
    if not file.key.isprintable() and any(_unlistable(c) for c in file.key):
        raise UsageError(
            f"the name of {file.path} has a control character, which S3 cannot list",
            hint="rename it",
        )
    if length > LONGEST_KEY:
        raise UsageError(
            f"{file.path}: a key of {length:,} bytes is too long",
            hint=f"at most {LONGEST_KEY:,} bytes, --prefix included; rename it",
        )


def _unlistable(char: str) -> bool:
    """Say whether S3, which answers in XML, has no way to write ``char``: XML 1.0, 2.2.

    Nobody could list or delete such an object.
    """
    return ord(char) < _FIRST_PRINTABLE and char not in "\t\n\r"
