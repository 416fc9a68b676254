"""Values kept in a file without a name, so that memory holds few of them, however many they are."""

from __future__ import annotations

import json
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

# A few hundred files need no disk.
_IN_MEMORY_BYTES: Final = 64 * 1024


class Kept(Generic[T]):
    """Values in the order in which they came, to be read as often as one likes, by one thread.

    ``pack`` makes of a value what JSON knows, and ``unpack`` makes the value of that.
    """

    def __init__(self, pack: Callable[[T], list[Any]], unpack: Callable[..., T]) -> None:
        self._pack, self._unpack = pack, unpack
        self._file = SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - gone with the value
        self._end = self._count = 0

    def add(self, value: T) -> int:
        """Keep ``value``; return its place."""
        place, line = self._end, json.dumps(self._pack(value)).encode() + b"\n"
        if self._file.tell() != place:
            self._file.seek(place)
        self._file.write(line)
        self._end += len(line)
        self._count += 1
        return place

    def at(self, place: int) -> T:
        """Return the value at ``place``."""
        self._file.seek(place)
        return self._unpack(*json.loads(self._file.readline()))

    def places(self) -> Iterator[tuple[int, T]]:
        """Yield each value with its place."""
        place = 0
        while place < self._end:
            value = self.at(place)
            following = self._file.tell()
            yield place, value
            place = following

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def __iter__(self) -> Iterator[T]:
        """Yield each value."""
        return (value for _, value in self.places())
