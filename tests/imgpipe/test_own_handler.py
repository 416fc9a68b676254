"""The name ``handler`` means our function's code, whoever else has something of that name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import handler
from tests.support.shell import Shell, photo

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = Path(handler.__file__).parent


@pytest.fixture
def beside_a_stranger(tmp_path: Path) -> Iterator[Shell]:
    """A shell in a directory that has a handler.py of its own, as those of Lambda's users have."""
    (tmp_path / "handler.py").write_text("raise SystemExit('a stranger ran')\n")
    yield Shell(tmp_path, tmp_path / "state")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("count", [1, 9])
def test_imgpipe_runs_beside_a_handler_of_somebody_elses(
    beside_a_stranger: Shell, count: int
) -> None:
    """``python -m`` searches the working directory first; so do the workers of many previews."""
    for number in range(count):
        (beside_a_stranger.folder / f"{number}.jpg").write_bytes(photo(80, 60))
    pictures = [f"{number}.jpg" for number in range(count)]
    beside_a_stranger.run("preview", *pictures, "-o", "out")
    assert len(list(beside_a_stranger.folder.glob("out/processed-*.jpg"))) == count


@pytest.mark.parametrize("stranger", ["handler.py", "handler/__init__.py"])
def test_the_handler_is_ours_whatever_is_earlier_on_the_path(
    beside_a_stranger: Shell, stranger: str
) -> None:
    """A module or a package, in the working directory or installed; sys.path stays as it was."""
    installed = beside_a_stranger.folder / "site-packages"
    (installed / stranger).parent.mkdir(parents=True)
    (installed / stranger).write_text("raise SystemExit('a stranger ran')\n")
    script = (
        "import sys; sys.path.insert(0, 'site-packages'); before = list(sys.path)\n"
        "import imgpipe, importlib.resources\n"
        "from handler import schema\n"
        "assert sys.path == before\n"
        "print(importlib.resources.files('handler'), schema.__file__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=beside_a_stranger.folder,
        env=beside_a_stranger.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == ([str(OURS), str(OURS / "schema.py")], "")
