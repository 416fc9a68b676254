"""Compiled modules beside their sources.

Lambda's folders are read-only, so without them every cold start compiles anew.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from imgpipe.package.archive import Files

_SECONDS: Final = 120


def compiler(python: str) -> str | None:
    """Return a Python of exactly the version ``python`` (such as ``3.12``).

    This one, or one on the PATH; ``None`` = none.

    Only the same minor version writes bytecode the function's Python will read.
    """
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    return shutil.which(f"python{python}")


def with_bytecode(sources: Files, python: str) -> dict[str, bytes]:
    """Return ``sources`` and, beside each module, its bytecode for ``python``.

    Without it where no such Python is at hand.

    The bytecode is of the kind that is never checked against its source (PEP 552): files in a zip
    have no true dates.
    """
    interpreter = compiler(python)
    if interpreter is None:
        return dict(sources)
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name in _modules(sources):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(sources[name])
        _compile(interpreter, root)
        tag = f"*.cpython-{python.replace('.', '')}.pyc"
        return {
            **sources,
            **{path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob(tag)},
        }


def _modules(sources: Files) -> list[str]:
    return [name for name in sources if PurePosixPath(name).suffix == ".py"]


def _compile(interpreter: str, root: Path) -> None:
    """Compile what can be compiled.

    Whatever fails is shipped as source alone, which is right, only slower.
    """
    command = [
        interpreter,
        "-I",
        "-m",
        "compileall",
        "-q",
        "-s",
        str(root),
        "--invalidation-mode",
        "unchecked-hash",
        str(root),
    ]
    subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
