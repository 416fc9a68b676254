"""One object into one file, whole: gone on with where it broke off, and held against its ETag."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from imgpipe.aws.errors import translated
from imgpipe.errors import ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.remote import Remote

_TRIES: Final = 3
_BLOCK_BYTES: Final = 1024 * 1024
# An object that came in one piece, and is not encrypted with a key of KMS's, has the MD5 of its
# content for its ETag: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
_MD5: Final = re.compile(r"[0-9a-f]{32}")
_PLAIN: Final = frozenset({None, "AES256"})


class UnfinishedError(Exception):
    """The object is not whole here, for the reason that is told."""


@contextmanager
def whole(aws: Aws, remote: Remote, part: Path) -> Iterator[None]:
    """Bring the object into the file ``part``, which no other run touches until this is left.

    What is in ``part`` already is its beginning (``s3:GetObject``).

    Raises:
        ServiceError: S3 refused it, or the network broke off each time.
        UnfinishedError: it was replaced meanwhile, does not fit its ETag, or another run has it.
        OSError: the file cannot be written.
    """
    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UnfinishedError("another run is downloading it") from None
        _complete(aws, remote, file)
        yield


def md5_of(path: Path) -> str:
    """Return the MD5 of a file, as S3 writes it."""
    digest = md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _complete(aws: Aws, remote: Remote, file: IO[bytes]) -> None:
    """Fetch what ``file`` lacks; from its start again where what came does not fit."""
    for left in reversed(range(_TRIES)):
        if file.tell() >= remote.size:
            _empty(file)
        try:
            with translated():
                encryption = _append(aws, remote, file)
        except ServiceError as error:
            if error.aws_code == "PreconditionFailed":
                raise UnfinishedError("it was replaced meanwhile: run again") from error
            if error.aws_code or not left:
                raise
        else:
            if _fits(remote, file, encryption):
                return
            _empty(file)
    raise UnfinishedError("what comes does not fit its ETag")


def _empty(file: IO[bytes]) -> None:
    file.seek(0)
    file.truncate()


def _append(aws: Aws, remote: Remote, file: IO[bytes]) -> str | None:
    """Append the rest of the object; return how S3 encrypted it."""
    ranged = {"Range": f"bytes={file.tell()}-"} if file.tell() else {}
    answer: Any = aws.client("s3").get_object(
        Bucket=remote.bucket, Key=remote.key, IfMatch=f'"{remote.etag}"', **ranged
    )
    for block in answer["Body"].iter_chunks(_BLOCK_BYTES):
        if aws.interrupted.is_set():
            raise UnfinishedError("interrupted")
        file.write(block)
        file.flush()
    encryption: str | None = answer.get("ServerSideEncryption")
    return encryption


def _fits(remote: Remote, file: IO[bytes], encryption: str | None) -> bool:
    if file.tell() != remote.size:
        return False
    checkable = _MD5.fullmatch(remote.etag) and encryption in _PLAIN
    return not checkable or md5_of(Path(file.name)) == remote.etag
