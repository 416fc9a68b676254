"""Files that are to be sent: when they have stopped growing, and again where that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from imgpipe.pictures.watching.folder import Mark

# A file that has not changed for so long is whole; one that goes on growing is sent again.
SETTLED_SECONDS: Final = 2.0
LONGEST_PAUSE_SECONDS: Final = 60.0


@dataclass
class _File:
    mark: Mark
    due: float
    tries: int = 0
    reason: str = ""


class Waiting:
    """The names of the files that wait, each with the mark that it was last seen with."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._files: dict[str, _File] = {}

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    @property
    def untried(self) -> bool:
        """Whether there is one that was not tried yet."""
        return any(not file.tries for file in self._files.values())

    def see(self, name: str, mark: Mark) -> None:
        """Let a file wait until it has had this ``mark`` for a while."""
        if name not in self._files or self._files[name].mark != mark:
            self._files[name] = _File(mark, self._clock() + SETTLED_SECONDS)

    def due(self) -> list[tuple[str, Mark]]:
        """Return the files whose time has come, and the mark that they must still have."""
        now = self._clock()
        return [(name, file.mark) for name, file in self._files.items() if file.due <= now]

    def put_off(self, name: str, reason: str) -> bool:
        """Try a file again later, ever later; return whether the ``reason`` is news."""
        file = self._files[name]
        file.tries += 1
        file.due = self._clock() + min(2.0**file.tries, LONGEST_PAUSE_SECONDS)
        news, file.reason = file.reason != reason, reason
        return news

    def drop(self, name: str) -> None:
        """Forget a file that was sent, or is gone."""
        self._files.pop(name, None)
