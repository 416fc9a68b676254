"""``imgpipe gallery --eject``: a template for a design of one's own, over no file that is there."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from imgpipe.cli import run
from imgpipe.gallery.page import template_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty directory to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_is_whole_and_the_command_that_follows_makes_it_the_page(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From wherever the settings file lies."""
    (folder / "imgpipe.toml").touch()
    (folder / "below").mkdir()
    assert run(["gallery", "--eject", "below/my page"]) == 0
    said = capsys.readouterr()
    assert "imgpipe config set gallery.template 'below/my page'" in said.err
    assert len(said.out.splitlines()) == len(template_files(None))
    assert template_files(folder / "below" / "my page") == template_files(None)
    assert run(["config", "set", "gallery.template", "below/my page"]) == 0
    assert tomllib.loads((folder / "imgpipe.toml").read_text())["gallery"] == {
        "template": "below/my page"
    }


def test_it_is_named_from_the_settings_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which may lie further up."""
    (folder / "imgpipe.toml").touch()
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    monkeypatch.setenv("HOME", str(folder))
    assert run(["gallery", "--eject"]) == 0
    assert "imgpipe config set gallery.template below/page" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["index.html", "gallery/style.css"])
def test_no_file_is_ever_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Nor is anything written beside it."""
    mine = folder / "page" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    assert run(["gallery", "--eject"]) == 2
    assert f"page/{name} exists already" in capsys.readouterr().err
    assert [each for each in (folder / "page").rglob("*") if each.is_file()] == [mine]
    assert mine.read_text() == "mine"


def test_a_folder_says_that_it_is_for_a_template(capsys: pytest.CaptureFixture[str]) -> None:
    """It would be taken for what is published."""
    assert run(["gallery", "mine"]) == 2
    assert "imgpipe gallery --eject mine" in capsys.readouterr().err
