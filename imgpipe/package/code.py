"""The function's code: the ``handler`` package, the user's files, botocore's data cut to size."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import botocore

from imgpipe.package.archive import archive, digest
from imgpipe.package.bytecode import compiler, with_bytecode
from imgpipe.package.cache import cache_directory, kept
from imgpipe.package.service_data import service_data
from imgpipe.settings import assets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

ENTRY_POINT: Final = "handler.lambda_function.lambda_handler"
PAGE_ENTRY_POINT: Final = "handler.page_function.lambda_handler"
DELIVERY_ENTRY_POINT: Final = "handler.delivery.lambda_handler"
# handler/ looks for both beside its own package: the user's watermark image and font, and the
# service data.
ASSETS: Final = "assets"
SERVICE_DATA: Final = "aws"


@dataclass(frozen=True)
class HandlerCode:
    """What the function runs: for Python ``python`` (``3.12``), with the user's ``assets``."""

    assets: tuple[Path, ...] = ()
    python: str = "3.12"
    cache: Path = field(default_factory=cache_directory)

    @property
    def digest(self) -> str:
        """32 hexadecimal digits standing for what goes in by our hand: handler, assets, packing.

        botocore's data is left out. It follows from the packing and from the botocore at hand,
        and every release of that differs in regions the function does not run in. An asset that
        cannot be read makes the code another one, and hinders nobody from comparing.
        """
        parts = {
            **dict(walk(files("handler"), "handler")),
            **dict(walk(files("imgpipe.package"), "package")),
            **{f"{ASSETS}/{path.name}": or_nothing(path) for path in self.assets},
        }
        return digest(
            [
                self.python.encode(),
                *(part for name in sorted(parts) for part in (name.encode(), parts[name])),
            ]
        )

    def build(self) -> bytes:
        """Return the zip: packed once, and kept for the next stage or region.

        Raises:
            PackageError: it is larger than Lambda takes.
            SettingsError: an asset cannot be read.
        """
        compiled = "compiled" if compiler(self.python) else "sources"
        return kept(
            self.cache / "code",
            f"{self.digest}-{compiled}-botocore-{botocore.__version__}",
            self._pack,
        )

    def _pack(self) -> bytes:
        data = {f"{SERVICE_DATA}/{name}": content for name, content in service_data().items()}
        return archive(
            {**with_bytecode(self._sources(), self.python), **data}, "the function's code"
        )

    def _sources(self) -> dict[str, bytes]:
        return {
            **dict(walk(files("handler"), "handler")),
            **{f"{ASSETS}/{name}": body for name, body in assets.contents(self.assets).items()},
        }


def or_nothing(path: Path) -> bytes:
    """Return the file's bytes, none where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def walk(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a package's folder: a wheel's, a checkout's or a zip's."""
    for entry in folder.iterdir():
        if entry.is_file():
            yield f"{path}/{entry.name}", entry.read_bytes()
        elif entry.name != "__pycache__":
            yield from walk(entry, f"{path}/{entry.name}")
