"""Bytecode beside the sources, made by a Python of the function's own version, or by none."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from imgpipe.package.bytecode import compiler, with_bytecode

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
TAG = f"cpython-{HERE.replace('.', '')}"
SOURCES = {
    "package/module.py": b"VALUE = 7\n",
    "package/data.txt": b"text",
    "broken.py": b"print 7\n",
}


def executable(path: Path, script: str) -> None:
    """Make a program of ``script``."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_modules_run_from_their_bytecode(tmp_path: Path) -> None:
    """This very Python imports what is packed for it, though the source has changed since."""
    for name, content in with_bytecode(SOURCES, HERE).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "package/module.py").write_text("VALUE = 8\n")
    command = [sys.executable, "-B", "-c", "from package import module; print(module.VALUE)"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "7"


def test_no_path_of_the_building_machine_gets_in() -> None:
    """Bytecode names its source as it lies in the zip, so that two machines make the same."""
    compiled = with_bytecode(SOURCES, HERE)[f"package/__pycache__/module.{TAG}.pyc"]
    assert b"package/module.py" in compiled
    assert b"/package/module.py" not in compiled


def test_it_is_the_same_each_time() -> None:
    """Compiling twice gives the same bytes."""
    assert with_bytecode(SOURCES, HERE) == with_bytecode(SOURCES, HERE)


def test_what_cannot_be_compiled_is_shipped_as_it_is() -> None:
    """A module for another Python, or data, only lacks its bytecode."""
    files = with_bytecode(SOURCES, HERE)
    assert {name: files[name] for name in SOURCES} == SOURCES
    assert set(files) - set(SOURCES) == {f"package/__pycache__/module.{TAG}.pyc"}


def test_without_such_a_python_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytecode of another minor version would be ignored, so it is not made."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compiler("3.0") is None
    assert with_bytecode(SOURCES, "3.0") == SOURCES


def test_a_python_of_that_version_on_the_path_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function's version need not be the one imgpipe runs in."""
    executable(tmp_path / "python3.0", f'exec "{sys.executable}" "$@"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert compiler("3.0") == str(tmp_path / "python3.0")


def test_a_python_that_does_not_run_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version managers put stubs on the path that only say what to install."""
    executable(tmp_path / "python3.0", "exit 127")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert with_bytecode(SOURCES, "3.0") == SOURCES
