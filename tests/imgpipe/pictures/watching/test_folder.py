"""The files of a watched folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from imgpipe.errors import ImgpipeError, UsageError
from imgpipe.pictures.naming import Naming
from imgpipe.pictures.patterns import Pattern, Patterns
from imgpipe.pictures.watching.folder import Folder
from tests.support.hostile.names import FILES

OTHER_DISK: Final = Path("/proc/sys/kernel/random")
PICTURE: Final = b"\xff\xd8\xff\xe0 a picture's first bytes"


def put(path: Path, body: bytes = PICTURE) -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def test_names_are_paths_below_it(tmp_path: Path) -> None:
    """Whatever they are made of; a folder gives all that is beneath it."""
    names = {f"a/b c/{name}" for name in FILES if not name.startswith(".")} | {"top.jpg"}
    for name in names:
        put(tmp_path / name)
    folder = Folder(tmp_path, Naming("2026/x"))
    assert set(folder.look([""])) == set(folder.look(["a", "top.jpg"])) == names
    assert set(folder.look(["a/b c/plain.jpg", "gone.jpg"])) == {"a/b c/plain.jpg"}
    assert folder.key("top.jpg") == "2026/x/top.jpg"
    assert folder.name(folder.root / "a" / "b") == "a/b"


@pytest.mark.parametrize(
    "name",
    [
        ".photo.jpg.Xy12aB", ".git/a.jpg", "a/.hidden/b.jpg", "._photo.jpg", "photo.jpg.part",
        "photo.jpg.crdownload", "photo.jpg~", "a/photo.tmp", "left/out.jpg",
    ],
)  # fmt: skip
def test_what_is_on_its_way_is_no_file_of_it(tmp_path: Path, name: str) -> None:
    """Nor what the patterns leave out."""
    put(tmp_path / name)
    patterns = Patterns((Pattern(takes=False, text="left/*"),))
    folder = Folder(tmp_path, Naming(patterns=patterns))
    assert folder.look(["", name]) == {}
    assert folder.has(name)


def test_a_mark_tells_one_content_from_another(tmp_path: Path) -> None:
    """More of it, another time, another file in its place."""
    path = put(tmp_path / "a.jpg")
    folder = Folder(tmp_path)
    marks = [folder.mark("a.jpg")]
    os.utime(path, (1, 1))
    marks.append(folder.mark("a.jpg"))
    put(path, PICTURE + b"more")
    os.utime(path, (1, 1))
    marks.append(folder.mark("a.jpg"))
    put(tmp_path / "b", PICTURE + b"MORE")
    os.utime(tmp_path / "b", (1, 1))
    (tmp_path / "b").replace(path)
    marks.append(folder.mark("a.jpg"))
    assert None not in marks
    assert len(set(marks)) == 4
    assert folder.mark("b") is None


def test_what_is_no_picture_is_meant_only_where_any_kind_is(tmp_path: Path) -> None:
    """As upload takes it."""
    put(tmp_path / "notes.txt", b"text")
    put(tmp_path / "a\x1b.jpg")
    assert Folder(tmp_path).file("notes.txt") is None
    assert Folder(tmp_path, any_kind=True).file("notes.txt")
    with pytest.raises(UsageError, match="control character"):
        Folder(tmp_path).file("a\x1b.jpg")


def test_links_that_lead_back_end(tmp_path: Path) -> None:
    """And what cannot be read, or is no file, is passed over."""
    put(tmp_path / "a" / "1.jpg")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "nowhere.jpg").symlink_to(tmp_path / "gone.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert set(Folder(tmp_path).look([""])) == {"a/1.jpg"}


def test_a_folder_that_is_gone_is_no_empty_folder(tmp_path: Path) -> None:
    """Nor is another in its place, as where a disk is taken out."""
    root = tmp_path / "root"
    put(root / "a.jpg")
    folder = Folder(root)
    folder.require_there()
    root.rename(tmp_path / "elsewhere")
    with pytest.raises(ImgpipeError, match="is gone"):
        folder.require_there()
    root.mkdir()
    with pytest.raises(ImgpipeError, match="another folder"):
        folder.require_there()


@pytest.mark.skipif(not OTHER_DISK.exists(), reason="only Linux has this folder")
def test_what_was_on_a_disk_that_was_taken_out_is_not_gone(tmp_path: Path) -> None:
    """A folder of the kernel's stands for the other disk."""
    (tmp_path / "disk").symlink_to(OTHER_DISK)
    folder = Folder(tmp_path)
    folder.look([""])
    (tmp_path / "disk").unlink()
    (tmp_path / "disk").mkdir()
    assert folder.has("disk/photo.jpg")
    assert not folder.has("photo.jpg")
