"""Files are written whole, in nothing's place unless that is meant."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from imgpipe.errors import SettingsError, UsageError
from imgpipe.settings.written import require_free, write

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_there_is_not_overwritten_unasked(tmp_path: Path) -> None:
    """Every one is named; what has the same content already is in nobody's way."""
    taken, same, folder = (tmp_path / name for name in ("taken", "same", "folder"))
    taken.write_bytes(b"old")
    same.write_bytes(b"new")
    folder.mkdir()
    require_free({same: b"new", tmp_path / "free": b"new"})
    with pytest.raises(UsageError, match=f"{taken}, {folder} exist already") as caught:
        require_free({taken: b"new", same: b"new", folder: b"new"})
    assert "--force" in caught.value.hint


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    """And nothing is left beside it."""
    path = tmp_path / "imgpipe.toml"
    write({path: b"old"})
    path.chmod(0o640)
    write({path: b"new"})
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert [each.name for each in tmp_path.iterdir()] == ["imgpipe.toml"]


def test_a_new_file_is_readable_as_any_other(tmp_path: Path) -> None:
    """The umask decides, as for whatever an editor writes."""
    before = os.umask(0o022)
    try:
        write({tmp_path / "imgpipe.toml": b"new"})
    finally:
        os.umask(before)
    assert (tmp_path / "imgpipe.toml").stat().st_mode & 0o777 == 0o644


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is written."""
    link, real = tmp_path / "imgpipe.toml", tmp_path / "real.toml"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write({link: b"new"})
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """The files before it are there; the settings file, which comes last, is not."""
    taken = tmp_path / "folder"
    taken.mkdir()
    with pytest.raises(SettingsError, match="folder cannot be written: Is a directory"):
        write({tmp_path / "logo.png": b"logo", taken: b"new"})
    with pytest.raises(SettingsError, match=r"imgpipe\.toml cannot be written: "):
        write({tmp_path / "logo.png" / "imgpipe.toml": b"new"})
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "logo.png"]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    """Whoever names it means it."""
    write({tmp_path / "live" / "all" / "imgpipe.toml": b"new"})
    assert (tmp_path / "live/all/imgpipe.toml").read_bytes() == b"new"
