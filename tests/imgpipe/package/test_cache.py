"""What is kept on disk: built once, believed only unharmed, never in the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from imgpipe.package.cache import cache_directory, kept


class Builder:
    """Builds something, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> bytes:
        self.times += 1
        return b"what takes long to build"


@pytest.mark.skipif(sys.platform != "linux", reason="each platform has its own place")
def test_linux_keeps_it_where_xdg_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it has been since 0.1; IMGPIPE_CACHE_DIR goes before."""
    monkeypatch.delenv("IMGPIPE_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_directory() == Path.home() / ".cache/imgpipe"
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache_directory() == Path("/xdg/imgpipe")
    monkeypatch.setenv("IMGPIPE_CACHE_DIR", "/own")
    assert cache_directory() == Path("/own")


def test_what_was_built_is_not_built_again(tmp_path: Path) -> None:
    """Nor by another process: it is a file; another name is another thing."""
    build = Builder()
    assert (
        kept(tmp_path / "layers", "one", build)
        == kept(tmp_path / "layers", "one", build)
        == build()
    )
    assert build.times == 2
    kept(tmp_path / "layers", "two", build)
    assert build.times == 3


def test_what_was_harmed_is_built_again(tmp_path: Path) -> None:
    """A cut file and a foreign one under our name."""
    build = Builder()
    whole = kept(tmp_path, "one", build)
    (path,) = tmp_path.iterdir()
    path.write_bytes(whole[:5])
    assert kept(tmp_path, "one", build) == whole
    (tmp_path / "one-0000.zip").write_bytes(b"foreign")
    assert kept(tmp_path, "one", build) == whole
    assert build.times == 2


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    assert kept(tmp_path / "file" / "layers", "one", Builder()) == Builder()()
