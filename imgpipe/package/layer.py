"""The layer: Pillow and its HEIF plugin, for the function's processor and Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Protocol

from imgpipe.package.archive import archive, digest
from imgpipe.package.bytecode import compiler, with_bytecode
from imgpipe.package.cache import cache_directory, kept

if TYPE_CHECKING:
    from imgpipe.package.archive import Files

# Lambda puts this folder of a layer on Python's path: https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
_FOLDER: Final = "python"
# Types, build records and the Tk bridge, none of which a function can use. Licences stay.
_DROPPED_SUFFIXES: Final = (
    ".pyi",
    ".pyc",
    "/py.typed",
    "/RECORD",
    "/INSTALLER",
    "/REQUESTED",
    "/top_level.txt",
    "/zip-safe",
)
_DROPPED_WORDS: Final = ("/sboms/", "_imagingtk", "/_tkinter_finder")


class Source(Protocol):
    """Where the packages come from."""

    @property
    def fingerprint(self) -> bytes:
        """What stands for the files without fetching them."""

    def files(self) -> Files:
        """Return every file by its path below site-packages."""


@dataclass(frozen=True)
class LayerContent:
    """The packages of ``source``, trimmed, with bytecode for ``python`` (``3.12``)."""

    source: Source
    python: str = "3.12"
    cache: Path = field(default_factory=cache_directory)

    @property
    def digest(self) -> str:
        """32 hexadecimal digits standing for the packages and for how they are trimmed.

        Nothing is downloaded for it.
        """
        return digest(
            [
                self.source.fingerprint,
                self.python.encode(),
                *(word.encode() for word in (*_DROPPED_SUFFIXES, *_DROPPED_WORDS)),
            ]
        )

    def build(self) -> bytes:
        """Return the zip, all of whose paths begin with ``python/``.

        Packed once, and kept for the next stage or region.

        Raises:
            PackageError: the packages cannot be had, are not the pinned ones, or are larger than
            Lambda takes.
        """
        compiled = "compiled" if compiler(self.python) else "sources"
        return kept(self.cache / "layers", f"{self.digest}-{compiled}", self._pack)

    def _pack(self) -> bytes:
        needed = {name: content for name, content in self.source.files().items() if _needed(name)}
        return archive(
            {
                f"{_FOLDER}/{name}": content
                for name, content in with_bytecode(needed, self.python).items()
            },
            "the Pillow layer",
        )


def _needed(name: str) -> bool:
    path = f"/{PurePosixPath(name)}"
    return not path.endswith(_DROPPED_SUFFIXES) and not any(word in path for word in _DROPPED_WORDS)
