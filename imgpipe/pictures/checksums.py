"""The checksums that S3 keeps of objects, made of local files.

S3 knows the digest of the whole content (``FULL_OBJECT``), or the digest of its parts' digests
(``COMPOSITE``), as an ETag of many parts is:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from pathlib import Path

BLOCK_BYTES: Final = 1024 * 1024


class _Hash(Protocol):
    def update(self, block: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    """A function of a block and the value so far, as the standard library has its hashes."""

    def __init__(self, crc: Callable[[bytes, int], int], width: int) -> None:
        self._crc, self._width, self._value = crc, width, 0

    def update(self, block: bytes) -> None:
        self._value = self._crc(block, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


def _crt(name: str, width: int) -> _Crc:
    from awscrt import checksums  # noqa: PLC0415 - other tools' objects alone have these

    return _Crc(getattr(checksums, name), width)


ALGORITHMS: Final[Mapping[str, Callable[[], _Hash]]] = {
    "CRC32": partial(_Crc, zlib.crc32, 4),
    "CRC32C": partial(_crt, "crc32c", 4),
    "CRC64NVME": partial(_crt, "crc64nvme", 8),
    "SHA1": partial(hashlib.sha1, usedforsecurity=False),
    "SHA256": hashlib.sha256,
    "SHA512": hashlib.sha512,
    "MD5": partial(hashlib.md5, usedforsecurity=False),
}
"""S3's names of the algorithms that can be compared, and how each begins."""


def whole(path: Path, algorithm: str) -> bytes:
    """Return the digest of a file's content; ``OSError`` where it cannot be read."""
    return _digest(algorithm, _blocks(path, 0, None))


def part(path: Path, algorithm: str, start: int, size: int) -> bytes:
    """Return the digest of ``size`` bytes from ``start`` on."""
    return _digest(algorithm, _blocks(path, start, size))


def composite(path: Path, algorithm: str, size: int, part_bytes: int) -> bytes:
    """Return the digest of the digests of the parts of a file of ``size`` bytes."""
    starts = range(0, size, part_bytes)
    return _digest(algorithm, (part(path, algorithm, start, part_bytes) for start in starts))


def _digest(algorithm: str, blocks: Iterator[bytes]) -> bytes:
    made = ALGORITHMS[algorithm]()
    for block in blocks:
        made.update(block)
    return made.digest()


def _blocks(path: Path, start: int, size: int | None) -> Iterator[bytes]:
    left = size
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while block := file.read(BLOCK_BYTES if left is None else min(left, BLOCK_BYTES)):
            left = None if left is None else left - len(block)
            yield block
