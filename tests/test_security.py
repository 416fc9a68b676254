"""SECURITY.md: its list of what a stranger's imgpipe.toml may do has every key that there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from handler.checks import checks_of
from imgpipe.errors import SettingsError
from imgpipe.settings import Settings, assets
from imgpipe.settings.known import SETTINGS

ROWS: Final = [
    line.split("|")[1]
    for line in Path("SECURITY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]


def test_every_key_is_in_the_list() -> None:
    """A new one has to say what a hostile file does with it."""
    told = set(re.findall(r"[a-z_]{3,}", " ".join(re.findall(r"`([^`]+)`", " ".join(ROWS)))))
    tables = {"rendition", "tags", *(each.table for each in SETTINGS if each.table)}
    assert {*checks_of(Settings), *tables} - told == set()


@pytest.mark.parametrize(
    "content", [b"[default]\naws_secret_access_key = x\n", b"root:x:0:0:", b""]
)
def test_no_file_but_a_picture_or_a_font_is_taken_along(tmp_path: Path, content: bytes) -> None:
    """A watermark may name any file: credentials among them, which would go into the function."""
    (tmp_path / "credentials").write_bytes(content)
    with pytest.raises(SettingsError, match="neither a picture nor a font"):
        assets.contents([tmp_path / "credentials"])


@pytest.mark.parametrize("path", ["/dev/zero", "/"])
def test_what_is_no_file_is_not_read_for_ever(path: str) -> None:
    """A device has no end, and a folder no content."""
    with pytest.raises(SettingsError, match="is no file"):
        assets.contents([Path(path)])


def test_pictures_and_fonts_are_taken_along() -> None:
    """By their first bytes."""
    font = next(Path("handler/fonts").glob("*.ttf"))
    assert assets.contents([font]) == {font.name: font.read_bytes()}
