"""What a teardown keeps, as a person says it: from the file, from elsewhere, and for good."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.shell import Shell, embedded, photo
from tests.support.standing import standing

if TYPE_CHECKING:
    from pathlib import Path

    from imgpipe.aws.account import Aws

SOURCE = "imgpipe-source-000000000000-us-east-1-an"


@pytest.fixture
def root(shell: Shell) -> Aws:
    """The account of the shell's embedded AWS."""
    return embedded(shell.state)


def test_a_protected_pipeline_is_refused_from_anywhere(
    shell: Shell, root: Aws, tmp_path: Path
) -> None:
    """The file is not needed for it, only for the setup that lifts it."""
    (shell.folder / "imgpipe.toml").write_text("protect = true\n")
    shell.run("--local", "setup")
    before = standing(root)
    (tmp_path / "elsewhere").mkdir()
    elsewhere = replace(shell, folder=tmp_path / "elsewhere")
    for where in (shell, elsewhere):
        error = where.error("--local", "teardown", "--yes", code=1)
        assert error["code"] == "protected"
        assert error["next"][0].endswith("setup --no-protect")
        assert where.error("--local", "teardown", "--dry-run", code=1)["code"] == "protected"
    assert standing(root) == before
    shell.run("--local", "setup", "--no-protect")
    elsewhere.run("--local", "teardown", "--yes")
    assert standing(root) == {}


def test_what_is_to_stay_is_named_before_and_after_and_taken_up_again(
    shell: Shell, root: Aws
) -> None:
    """Originals and rows stay; the pipeline comes back around them, and goes wholly when told."""
    (shell.folder / "a.jpg").write_bytes(photo())
    (shell.folder / "imgpipe.toml").write_text('retain = ["source"]\n')
    shell.run("--local", "setup")
    shell.run("--local", "upload", "a.jpg")
    (shell.folder / "imgpipe.toml").unlink()
    shown = shell.run("--local", "teardown", "--dry-run", "--retain", "source", "--retain", "table")
    stays = shown.stderr.partition("these would stay")[2]
    assert [words for words in (SOURCE, "ImageMetadata", "(1 objects") if words not in stays] == []
    done = shell.json("--local", "teardown", "--yes", "--retain", "source", "--retain", "table")
    states = {each["title"]: each["state"] for each in done["deleted"]}
    assert (states["source bucket"], states["metadata table"]) == ("kept", "kept")
    assert done["kept"] == [f"source bucket {SOURCE}", "metadata table ImageMetadata"]
    left = standing(root)
    assert [bucket["Name"] for bucket in left.pop("buckets")] == [SOURCE]
    assert left == {"tables": ["ImageMetadata"]}

    shell.run("--local", "setup")
    (row,) = shell.stream("--local", "list-metadata")
    assert row["source_key"] == "a.jpg"
    assert shell.json("--local", "status")["in_sync"]
    done = shell.json("--local", "teardown", "--yes", "--retain", "none")
    assert done["kept"] == []
    assert standing(root) == {}
