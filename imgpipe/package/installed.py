"""The packages the layer on the embedded AWS is made of.

This environment's own, since its functions run in this very Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, PackagePath, distribution
from typing import TYPE_CHECKING

from imgpipe.errors import PackageError

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_installed(name: str) -> bool:
    """Say whether this environment has the distribution ``name``."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


@dataclass(frozen=True)
class InstalledDistributions:
    """The files of the distributions ``names``, as their installer recorded them.

    ``extra`` is what of imgpipe brings them.
    """

    names: tuple[str, ...] = ("Pillow", "pi-heif")
    extra: str = "local"

    @property
    def fingerprint(self) -> bytes:
        """Every file with the hash its installer recorded.

        Raises:
            PackageError: one is not installed.
        """
        return "\n".join(
            f"{path} {path.hash and path.hash.value}" for path in self._paths()
        ).encode()

    def files(self) -> dict[str, bytes]:
        """Return every file by its path below site-packages.

        Raises:
            PackageError: one is not installed.
        """
        return {path.as_posix(): path.read_binary() for path in self._paths()}

    def _paths(self) -> Iterator[PackagePath]:
        for name in self.names:
            try:
                recorded = distribution(name).files or []
            except PackageNotFoundError as error:
                hint = f"pip install 'imgpipe[{self.extra}]'"
                raise PackageError(
                    f"{name} is not installed here, and the embedded AWS needs it", hint=hint
                ) from error
            # What lies outside (scripts) has no place in a layer; bytecode is made anew.
            yield from (
                path
                for path in sorted(recorded)
                if ".." not in path.parts and path.suffix != ".pyc"
            )
