"""A person's shell, on an embedded AWS of the test's or the module's own that stops with it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from imgpipe.local import state as states
from tests.support.rewind import put_back
from tests.support.shell import Shell, bring_about, shell_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell in an empty directory with an embedded AWS of its own, not started yet."""
    yield from shell_in(tmp_path)


@pytest.fixture(scope="module")
def shared_shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell all tests of a module share, one after another."""
    yield from shell_in(tmp_path_factory.mktemp("shell"))


@pytest.fixture(scope="session")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the embedded AWS keeps once ``imgpipe setup`` is through, with every default."""
    folder = tmp_path_factory.mktemp("complete")
    with contextmanager(shell_in)(folder) as shell:
        shell.run("--local", "setup")
    return shutil.copytree(shell.state / states.DATA, folder / "kept")


@pytest.fixture(scope="module")
def begun(shared_shell: Shell, complete: Path) -> Shell:
    """The shared shell, with a pipeline as a first setup leaves it, at a tenth of its cost."""
    put_back(shared_shell.state, complete)
    return shared_shell


@pytest.fixture
def pipeline(begun: Shell) -> Shell:
    """The shared shell, with its pipeline complete, whatever the test before left of it."""
    bring_about(begun)
    return begun


@pytest.fixture
def served(shell: Shell, complete: Path) -> Shell:
    """A shell of the test's own, with a pipeline as a first setup leaves it."""
    put_back(shell.state, complete)
    return shell
