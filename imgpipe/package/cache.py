"""Keep what takes long to build in the user's cache, and believe it by its hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import platformdirs


def cache_directory() -> Path:
    """Return where downloads are kept: ``IMGPIPE_CACHE_DIR``, or the platform's place for them."""
    if own := os.environ.get("IMGPIPE_CACHE_DIR"):
        return Path(own)
    return platformdirs.user_cache_path("imgpipe", appauthor=False)


def kept(folder: Path, name: str, build: Callable[[], bytes]) -> bytes:
    """Return what ``build`` makes for ``name``, kept in ``folder`` from the first time on.

    The file's name carries the hash of its content. A folder that cannot be written only costs the
    time to build again.
    """
    for path in sorted(folder.glob(f"{name}-*.zip")):
        content = path.read_bytes()
        if path.name == _file_name(name, content):
            return content
    built = build()
    with suppress(OSError):
        _keep(folder, _file_name(name, built), built)
    return built


def _file_name(name: str, content: bytes) -> str:
    return f"{name}-{hashlib.sha256(content).hexdigest()}.zip"


def _keep(folder: Path, name: str, content: bytes) -> None:
    """Write through a temporary neighbour, so that nobody ever reads half a file."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(content)
    Path(file.name).replace(folder / name)
