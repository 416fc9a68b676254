"""A person's shell, on an embedded AWS of the test's or the module's own that stops with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.shell import Shell, shell_in

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


@pytest.fixture
def pipeline(shared_shell: Shell) -> Shell:
    """The shared shell, with its pipeline complete, whatever the test before left of it."""
    shared_shell.run("--local", "setup", "--reset")
    return shared_shell
