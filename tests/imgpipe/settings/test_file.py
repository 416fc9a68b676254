"""imgpipe.toml: found upwards, read whatever editor wrote it, and told by path and line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imgpipe.errors import SettingsError
from imgpipe.settings import load
from imgpipe.settings.origin import Kind, Origin, line_numbers

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Go into a folder below the test's own, which is the home directory, and return the latter."""

    def go(folder: str) -> Path:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.chdir(tmp_path / folder)
        return tmp_path

    return go


def test_the_nearest_file_upwards_counts(inside: Callable[[str], Path]) -> None:
    """As git finds its own; the path says where it was found, and files it names lie beside it."""
    home = inside("project/photos/2026")
    (home / "imgpipe.toml").write_text("memory = 1024\n")
    (home / "project/imgpipe.toml").write_text("memory = 512\n[watermark]\nimage = 'mark.png'\n")
    found = load({}, {})
    assert (found.memory, found.file) == (512, Path("../../imgpipe.toml"))
    assert [path.resolve() for path in found.assets] == [home / "project/mark.png"]
    Path("imgpipe.toml").write_text("memory = 256\n")
    assert load({}, {}).file == Path("imgpipe.toml")


def test_nobody_looks_above_the_home_directory(
    inside: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies there is other people's business; home itself counts."""
    above = inside("home/work")
    monkeypatch.setenv("HOME", str(above / "home"))
    (above / "imgpipe.toml").write_text("memory = 1024\n")
    assert load({}, {}).file is None
    (above / "home/imgpipe.toml").write_text("memory = 512\n")
    assert load({}, {}).memory == 512


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_another_users_file_further_up_is_passed_over(inside: Callable[[str], Path]) -> None:
    """In a shared folder it could lead anybody's pictures anywhere; here, and named, it counts."""
    home = inside("work")
    theirs = home / "imgpipe.toml"
    theirs.write_text("endpoint_url = 'http://example.com'\n")
    os.chown(theirs, 12345, -1)
    found = load({}, {})
    assert found.endpoint_url == ""
    (warning,) = found.warnings
    assert warning.startswith("../imgpipe.toml belongs to another user and was passed over")
    assert "--config ../imgpipe.toml" in warning
    assert load({}, {}, theirs).endpoint_url == "http://example.com"


def test_a_deleted_working_directory_has_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no traceback."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert load({}, {}).file is None


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    """Editors on Windows write one, and nobody sees it."""
    path = tmp_path / "imgpipe.toml"
    path.write_bytes(b"\xef\xbb\xbfmemory = 512\n")
    assert load({}, {}, path).memory == 512


def test_another_encoding_is_told_in_words(tmp_path: Path) -> None:
    """What PowerShell's > writes, and Latin-1."""
    path = tmp_path / "imgpipe.toml"
    for encoding in ("utf-16", "latin-1"):
        path.write_bytes("[watermark]\ntext = 'größe'\n".encode(encoding))
        with pytest.raises(SettingsError, match="is not UTF-8, which TOML must be") as caught:
            load({}, {}, path)
        assert "save it as UTF-8" in caught.value.hint


TOML = '''\
memory = 512  # line 1
[picture]
width = 300
background = """
text = 3"""
[ watermark ]
"text" = "a = b"
[[rendition]]
name = "thumb"
watermark = { text = "x" }
[[rendition]]
'name' = "large"
'''


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = " + "[" * 9_000 + "]" * 9_000, "nested too deep"),
        ("a = " + "{b=" * 9_000 + "1" + "}" * 9_000, "nested too deep"),
        ("memory = " + "9" * 5_000, "5000 digits"),
        ("a" + ".a" * 32_000 + " = 1", "more than 64,000 characters"),
        ("#" * 70_000, "more than 64,000 characters"),
    ],
    ids=lambda each: each[:8],
)
def test_a_file_made_to_do_harm_is_refused_in_words(tmp_path: Path, text: str, says: str) -> None:
    """tomllib recurses, counts digits, and takes the square of a key's parts in time."""
    path = tmp_path / "imgpipe.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match="cannot be read") as refused:
        load({}, {}, config=path)
    assert says in refused.value.message
    assert "sys." not in refused.value.message


def test_a_file_without_an_end_is_read_no_further_than_one_may_be() -> None:
    """A link to what never ends would take all the memory there is."""
    with pytest.raises(SettingsError, match="cannot be read"):
        load({}, {}, config=Path("/dev/zero"))


def test_a_number_of_any_length_in_a_variable_is_refused_in_words() -> None:
    """Python makes no whole number of so many digits."""
    with pytest.raises(SettingsError, match="IMGPIPE_MEMORY"):
        load({}, {"IMGPIPE_MEMORY": "9" * 5_000})


def test_every_key_is_known_by_its_line() -> None:
    """Tables, arrays of tables, quoted keys; a text over several lines holds no keys."""
    assert line_numbers(TOML) == {
        "memory": 1,
        "picture.width": 3,
        "picture.background": 4,
        "watermark.text": 7,
        "rendition.0.name": 9,
        "rendition.0.watermark": 10,
        "rendition.1.name": 12,
    }


def test_every_value_is_known_by_where_it_came_from(tmp_path: Path) -> None:
    """The strongest place is told; what is not told is a default."""
    path = tmp_path / "imgpipe.toml"
    path.write_text(
        "memory = 512\ntimeout = 30\nstage = 'blue'\n[picture]\nwidth = 300\n"
        "[tags]\nteam = 'x'\n[[rendition]]\nname = 'thumb'\nheight = 3\n"
    )
    found = load({"memory": 1024}, {"IMGPIPE_TIMEOUT": "20"}, path)
    assert found.origins == {
        "memory": Origin(Kind.FLAG, "--memory"),
        "timeout": Origin(Kind.VARIABLE, "IMGPIPE_TIMEOUT"),
        "stage": Origin(Kind.FILE, f"{path}:3"),
        "picture.width": Origin(Kind.FILE, f"{path}:5"),
        "tags.team": Origin(Kind.FILE, f"{path}:7"),
        "rendition.thumb.name": Origin(Kind.FILE, f"{path}:9"),
        "rendition.thumb.height": Origin(Kind.FILE, f"{path}:10"),
    }
