"""When a browser is opened, and that the rejected pictures' list is its owner's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imgpipe.cli.open import windows
from imgpipe.settings import written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("environ", "platform", "seen"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "wslview"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "a b c d"}, "darwin", False),
    ],
)
def test_a_window_must_be_seen(environ: dict[str, str], platform: str, seen: bool) -> None:
    """On a server a text browser would take the terminal."""
    assert windows(environ, platform) is seen


def test_the_list_is_its_owners_alone(tmp_path: Path) -> None:
    """Also where a file of that name, or a link, was open to others before."""
    path, other = tmp_path / "rejected" / "list.html", tmp_path / "other"
    written.write_private(path, b"one")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    path.chmod(0o644)
    written.write_private(path, b"two")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o600)
    other.write_bytes(b"mine")
    path.unlink()
    path.symlink_to(other)
    written.write_private(path, b"three")
    assert (other.read_bytes(), path.is_symlink()) == (b"mine", False)
    assert [each.name for each in path.parent.iterdir()] == ["list.html"]
