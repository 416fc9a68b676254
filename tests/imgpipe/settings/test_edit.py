"""One setting changed, and the rest of the file left as its author wrote it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from imgpipe.errors import SettingsError
from imgpipe.settings import starting
from imgpipe.settings.edit import edited
from imgpipe.settings.effective import effective
from imgpipe.settings.file import parsed
from imgpipe.settings.origin import Kind
from imgpipe.settings.settings import merged

FILE: Final = Path("imgpipe.toml")
TEXT: Final = """# mine
memory = 512   # enough

[picture]
# wide
width = 1000

[[rendition]]
name = "thumb" # small
width = 320
"""


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("memory", "1024", 1024),
        ("stage", "blue", "blue"),
        ("stage", '"blue"', "blue"),
        ("picture.width", "1200", 1200),
        ("picture.quality", "auto", "auto"),
        ("watermark.text", "© Jane", "© Jane"),
        ("watermark.text", "2026", "2026"),
        ("limits.formats", '["jpeg", "png"]', ["jpeg", "png"]),
        ("tags.cost center", "4711", "4711"),
        ("rendition.thumb.width", "200", 200),
        ("rendition.thumb.watermark", "false", False),
        ("local", "true", True),
    ],
)
def test_a_setting_is_changed_and_nothing_else(key: str, value: str, said: Any) -> None:
    """Comments, order and spacing stay; a text that looks like a number is one where it must be."""
    done = edited(FILE, TEXT, key, value)
    assert done.value == said
    for comment in ("# mine", "# enough", "# wide", "# small"):
        assert comment in done.text
    before, after = tomllib.loads(TEXT), tomllib.loads(done.text)
    *tables, name = key.split(".")
    there: Any = after["rendition"][0] if tables[:1] == ["rendition"] else after
    for table in tables if tables[:1] != ["rendition"] else ():
        there = there[table]
    assert there.pop(name) == said
    kept = [line for line in TEXT.splitlines() if not line.startswith(f"{name} =")]
    assert [line for line in kept if line not in done.text.splitlines()] == []
    assert set(before) <= set(tomllib.loads(done.text))


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("memroy", "1", "memory"),
        ("picture.widht", "1", "picture.width"),
        ("width", "1", "picture.width"),
        ("rendition.nope.width", "1", "write it into the file first"),
        ("memory", "1", "128"),
        ("picture.width", "wide", "whole numbers"),
        ("tags.aws:x", "1", "aws:"),
        ("", "1", "those there are"),
        ("picture", "1", ""),
        ("picture.width.x", "1", ""),
        ("memory", "9" * 5000, "128"),
        ("memory", "[" * 5000, "128"),
    ],
)
def test_what_is_not_allowed_is_refused(key: str, value: str, says: str) -> None:
    """With the nearest name, or what is allowed."""
    with pytest.raises(SettingsError) as refused:
        edited(FILE, TEXT, key, value)
    assert says in f"{refused.value.hint} {refused.value.message}"


def test_the_commented_file_takes_every_setting() -> None:
    """One after another, as a person would."""
    text = starting.document()
    for key, value in (
        ("memory", "512"),
        ("watermark.size", "0.1"),
        ("picture.watermark", "false"),
    ):
        text = edited(FILE, text, key, value).text
    settings = merged({}, {}, parsed(FILE, text))
    assert settings.memory == 512
    assert text.count("# ") >= starting.document().count("# ")


def test_every_value_says_where_it_came_from() -> None:
    """Flag, variable, line of the file, default."""
    settings = merged({"region": "eu-west-1"}, {"IMGPIPE_TIMEOUT": "9"}, parsed(FILE, TEXT))
    found = {each.key: each for each in effective(settings)}
    assert (found["region"].origin.kind, str(found["region"].origin)) == (Kind.FLAG, "--region")
    assert (found["timeout"].value, str(found["timeout"].origin)) == (9, "IMGPIPE_TIMEOUT")
    assert str(found["picture.width"].origin) == "imgpipe.toml:6"
    assert found["picture.height"].origin.kind is Kind.DEFAULT
    assert str(found["rendition.thumb.width"].origin) == "imgpipe.toml:10"
    assert "rendition.thumb.height" not in found


def test_false_turns_the_watermark_off_beside_an_empty_table() -> None:
    """As the commented file has one."""
    settings = merged({}, {}, parsed(FILE, "[picture]\nwatermark = false\n[watermark]\n"))
    assert settings.recipe.renditions[0].watermark is None
