"""The editors' schema says what imgpipe itself says, as far as JSON Schema can."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft7Validator

from handler.recipe import Recipe
from imgpipe.errors import SettingsError
from imgpipe.settings import schema, starting
from imgpipe.settings.file import parsed
from imgpipe.settings.known import SETTINGS, Known
from imgpipe.settings.settings import Settings, merged
from imgpipe.settings.toml import document

ROOT: Final = Path(__file__).parents[3]
VALIDATOR: Final = Draft7Validator(schema.schema())
FILE: Final = Path("imgpipe.toml")


def loaded(text: str) -> Settings:
    """The settings of a file with this text."""
    return merged({}, {}, parsed(FILE, text))


def examples() -> list[str]:
    """Every TOML that README and docs show."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    texts = (page.read_text(encoding="utf-8") for page in pages)
    found = [each for text in texts for each in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)]
    assert len(found) > 1
    return found


def test_the_schema_is_one() -> None:
    """By its own draft."""
    Draft7Validator.check_schema(schema.schema())


@pytest.mark.parametrize("text", examples())
def test_every_example_is_valid_by_both(text: str) -> None:
    """What people copy out of the docs."""
    loaded(text)
    assert list(VALIDATOR.iter_errors(tomllib.loads(text))) == []


def by_id(each: Known) -> str:
    """A setting's key."""
    return each.key


def of(each: Known, value: object) -> dict[str, Any]:
    """A file that says just that."""
    return {each.table: {each.name: value}} if each.table else {each.name: value}


VALUES: Final[tuple[object, ...]] = (
    *(0, 1, -1, 3, 14, 500, 10**12, 0.5, 1.5, True, False, "", "keep", "auto", "none", "x" * 300),
    *("#ffffff", "red", "a\x00", [], ["none"], ["jpeg"], ["nope"], [1], {}, {"a": 1}, "-bad-"),
    *("http://127.0.0.1:4566", "ftp://x", "eu-central-1", "/teams/photo/", "a-bucket", "Ümlaut"),
)


@pytest.mark.parametrize("each", SETTINGS, ids=by_id)
def test_both_judge_alike(each: Known) -> None:
    """Whatever the schema refuses is refused; what it lets through it could not have known."""
    default = list(each.default) if isinstance(each.default, tuple) else each.default
    assert VALIDATOR.is_valid(of(each, default)) is each.check.accepts(default)
    for value in VALUES:
        accepted = each.check.accepts(value)
        valid = VALIDATOR.is_valid(of(each, value))
        if accepted:
            assert valid, (each.key, value)
        elif valid:
            assert value == "a\x00" or each.key in {"endpoint_url", "picture.watermark"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"widht": 5},
        {"picture": {"widht": 5}},
        {"picture": 5},
        {"rendition": [{"width": 5}]},
        {"rendition": {"name": "a"}},
        {"rendition": [{"name": "A B"}]},
        {"limits": {"formats": []}},
        {"tags": {"a": 1}},
        {"watermark": {"size": 2}},
    ],
)
def test_what_no_file_may_say_is_refused_by_both(wrong: dict[str, Any]) -> None:
    """Unknown keys, tables that are none, lists that are empty."""
    with pytest.raises(SettingsError):
        loaded(document(wrong))
    assert not VALIDATOR.is_valid(wrong)


def test_every_setting_is_explained() -> None:
    """A new one without a line fails here."""
    assert [each.key for each in SETTINGS if not each.meaning] == []


def test_the_file_to_begin_with_says_nothing_but_defaults() -> None:
    """As it is written, and with every line taken out of its comment."""
    text = starting.document()
    assert text.startswith(schema.LINE)
    assert loaded(text).recipe == Recipe()
    assert loaded(text).origins == {}
    refused = [each.name for each in SETTINGS if not each.check.accepts(each.default)]
    named = text.split("# Further pictures")[0]
    whole = re.sub(r"^# (\w+ = .*)$", r"\1", named, flags=re.MULTILINE)
    said = tomllib.loads(whole)
    tables = [each for each in said.values() if isinstance(each, dict)]
    assert len(said) - len(tables) + sum(map(len, tables)) == len(SETTINGS)
    kept = [line for line in whole.splitlines() if line.partition(" =")[0] not in refused]
    assert loaded("\n".join(kept)).recipe == Recipe()


def test_a_near_key_is_suggested() -> None:
    """Where the file has a slip."""
    with pytest.raises(SettingsError) as refused:
        loaded("memroy = 5\n")
    assert "did you mean memory?" in refused.value.hint
