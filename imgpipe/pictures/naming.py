"""How local files come to their keys."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from imgpipe.errors import UsageError
from imgpipe.pictures.patterns import Patterns


@dataclass(frozen=True)
class Naming:
    """How files come to their keys, and which of them are meant.

    A key is a file's name, or its path relative to the named directory, or to ``root`` where there
    is one; the folder ``prefix`` stands before it. ``patterns`` see what stands behind that.
    """

    prefix: str = ""
    root: Path | None = None
    patterns: Patterns = field(default_factory=Patterns)

    @property
    def folder(self) -> str:
        """The folder that keys begin with, a slash behind it; empty where there is none.

        A URL's ``.``, ``..`` and empty segments never reach the CDN, so no key may have them.

        Raises:
            UsageError: ``prefix`` has some.
        """
        segments = self.prefix.strip("/").split("/")
        if {"", ".", ".."} & set(segments) and segments != [""]:
            raise UsageError(
                f"--prefix is {self.prefix!r}",
                hint="allowed are folder names joined by '/', such as 2026/holiday",
            )
        return "".join(f"{segment}/" for segment in segments if segment)

    def name(self, path: Path, named: Path) -> str:
        """Return the name of the file ``path``, found beneath the path ``named``, or that itself.

        Raises:
            UsageError: it is not beneath ``root``.
        """
        if not self.root:
            return "/".join(path.parts[len(named.parts) :]) or path.name
        try:
            return _absolute(path).relative_to(_absolute(self.root)).as_posix()
        except ValueError:
            raise UsageError(
                f"{path} is not below {self.root}", hint="--relative-to names a folder above all"
            ) from None


def _absolute(path: Path) -> Path:
    """Return a path without dots; links in it keep their own names."""
    return Path(os.path.abspath(path))  # noqa: PTH100


NAMES: Final = Naming()
"""File names, and paths relative to named directories; every file is meant."""
