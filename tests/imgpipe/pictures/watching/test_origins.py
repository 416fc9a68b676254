"""What came from a folder, remembered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imgpipe.pictures.naming import Naming
from imgpipe.pictures.watching.folder import Folder
from imgpipe.pictures.watching.origins import Origins, place
from tests.support.hostile.names import FILES

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


def test_it_is_remembered_from_run_to_run(tmp_path: Path) -> None:
    """Each change at once, so that a run that is killed forgets nothing."""
    path = tmp_path / "deep" / "a.jsonl"
    origins = Origins(path)
    for name in FILES:
        origins.came(name, "first")
    origins.came(FILES[0], "second")
    origins.forget(FILES[1])
    origins.forget("never.jpg")
    again = Origins(path)
    assert set(again) == set(FILES) - {FILES[1]}
    assert [again.get(name) for name in FILES[:3]] == ["second", "", "first"]
    assert path.read_text().count("\n") == len(FILES) - 1


def test_a_line_that_was_torn_is_none(tmp_path: Path) -> None:
    """What is forgotten is only kept longer."""
    path = tmp_path / "a.jsonl"
    path.write_text('["a.jpg", "1"]\n["b.jp')
    origins = Origins(path)
    origins.came("c.jpg", "3")
    assert set(Origins(path)) == {"a.jpg", "c.jpg"}


def test_each_folder_has_its_own(aws: Aws, tmp_path: Path) -> None:
    """And each bucket, and each prefix."""
    (tmp_path / "a").mkdir()
    places = {
        place(tmp_path, aws, bucket, Folder(root, Naming(prefix)))
        for bucket in ("one", "two")
        for root in (tmp_path, tmp_path / "a")
        for prefix in ("", "2026")
    }
    assert len(places) == 8
