"""Where an object lies on this machine: a file of its own beneath a folder, whatever its key says.

A key is any text: it may lead out of the folder, or to no file, or to the file of another key on a
disk that does not tell ``A`` from ``a``, or a letter from its parts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

STATE: Final = ".imgpipe-download"
"""The folder's own folder, for what is not whole yet."""

# A part of a path, in bytes, on every disk in use.
_LONGEST_NAME: Final = 255
_LETTER: Final = "probe-\N{LATIN SMALL LETTER A WITH DIAERESIS}"


class UnsafeKeyError(Exception):
    """No file of its own can have this key, for the reason that is told."""


@dataclass(frozen=True)
class Folder:
    """A folder that is there, and whether its disk takes names for the same that look alike."""

    path: Path
    ignores_case: bool = False
    ignores_form: bool = False

    @classmethod
    def at(cls, path: Path) -> Folder:
        """Make the folder ``path``, and see what its disk tells apart; ``OSError`` if it cannot."""
        found = cls(path.resolve())
        found.state.mkdir(parents=True, exist_ok=True)
        probe = found.state / _LETTER
        probe.touch()
        try:
            return replace(
                found,
                ignores_case=probe.with_name(_LETTER.upper()).exists(),
                ignores_form=probe.with_name(unicodedata.normalize("NFD", _LETTER)).exists(),
            )
        finally:
            probe.unlink(missing_ok=True)
            found.clear()

    @property
    def state(self) -> Path:
        """Where lies what is not whole yet."""
        return self.path / STATE

    def clear(self) -> None:
        """Take the folder's own folder away, unless something in it waits to be gone on with."""
        with suppress(OSError):
            self.state.rmdir()

    def of(self, key: str) -> Path:
        """Return the file of ``key``.

        Raises:
            UnsafeKeyError: the key leads out of the folder, or to no file of its own.
        """
        parts = key.split("/")
        if {"", ".", ".."} & set(parts) or "\0" in key:
            raise UnsafeKeyError("its key is no path of a file within a folder")
        if parts[0].casefold() == STATE:
            raise UnsafeKeyError(f"{STATE} is where downloads wait until they are whole")
        if any(len(part.encode()) > _LONGEST_NAME for part in parts):
            raise UnsafeKeyError(f"no file's name has more than {_LONGEST_NAME} bytes")
        found = self.path.joinpath(*parts)
        if not found.parent.resolve().is_relative_to(self.path):
            raise UnsafeKeyError("a link leads out of the folder")
        return found

    def twins(self, keys: Iterable[str]) -> Mapping[str, str]:
        """Return those of ``keys`` whose file would be another's, each with that other key."""
        first: dict[str, str] = {}
        twins: dict[str, str] = {}
        alike = self._alike
        for key in keys:
            other = first.setdefault(alike(key), key)
            if other != key:
                twins[key] = other
        return twins

    @property
    def _alike(self) -> Callable[[str], str]:
        def alike(key: str) -> str:
            formed = unicodedata.normalize("NFC", key) if self.ignores_form else key
            return formed.casefold() if self.ignores_case else formed

        return alike
