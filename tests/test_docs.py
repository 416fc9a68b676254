"""What the documents say is so."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from imgpipe import errors
from imgpipe.cli._commands import COMMANDS
from imgpipe.settings import Settings, load
from scripts import reference
from scripts.records import parts, shown_by

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for folder in (".", "docs", "docs/decisions", "bench")
    for path in (ROOT / folder).glob("*.md")
)


def test_the_command_reference_is_current() -> None:
    """Run ``python -m scripts.reference`` after changing an option or a record."""
    for path, text in reference.pages().items():
        assert path.read_text(encoding="utf-8") == text


def test_every_record_has_a_name_of_its_own() -> None:
    """The reference links to it by that."""
    made_of = {
        part
        for row in COMMANDS
        if "json" in row.outputs
        for shown in shown_by(row)
        for part in parts(shown.record)
    }
    names = [record.__name__ for record in made_of]
    assert sorted(set(names)) == sorted(names)


def test_every_error_has_a_code_of_its_own_and_stands_in_the_table() -> None:
    """The table is errors.py's own docstring: class, code, exit code."""
    documented = re.findall(r"^ +(\w+) +(\w+) +(?:exit code )?(\d+)$", errors.__doc__, re.MULTILINE)
    assert documented == [
        (kind.__name__, kind.code, str(kind.exit_code.value)) for kind in reference.ERRORS
    ]
    codes = [kind.code for kind in every(errors.ImgpipeError)]
    assert sorted(set(codes)) == sorted(codes)
    assert set(every(errors.ImgpipeError)) == set(reference.ERRORS)


def every(kind: type[errors.ImgpipeError]) -> list[type[errors.ImgpipeError]]:
    """Return the class ``kind`` and all below it."""
    return [kind, *(below for child in kind.__subclasses__() for below in every(child))]


def test_every_setting_is_in_the_configuration_table_with_its_default() -> None:
    """Neither a key too few nor one too many, and the defaults are the real ones."""
    table = README[README.index("| key | default |") : README.index("`IMGPIPE_CONFIG`")]
    keys = {
        key
        for row in table.splitlines()
        for key in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    }
    settable = {f.name for f in fields(Settings) if f.compare} - {
        *("tags", "recipe", "assets"),
        *("page", "template", "delivery"),
    }
    assert keys == settable
    for f in fields(Settings):
        if f.name in settable and f.default:
            row = next(row for row in table.splitlines() if f"`{f.name}`" in row)
            assert (
                f"`{str(f.default).lower() if isinstance(f.default, bool) else f.default}`" in row
            ), row


def test_the_example_settings_file_is_accepted(tmp_path: Path) -> None:
    """As it stands in the README."""
    example, *others = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "imgpipe.toml").write_text(example, encoding="utf-8")
    recipe = load({}, {}, tmp_path / "imgpipe.toml").recipe
    assert tomllib.loads(example)["picture"]["width"] == recipe.renditions[0].width
    assert recipe.renditions[1].watermark is None
    (tmp_path / "imgpipe.toml").write_text("\n".join(others), encoding="utf-8")
    assert load({}, {}, tmp_path / "imgpipe.toml").delivery.enabled


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_a_document_links_to_is_there(name: str) -> None:
    """Relative links only; the web is not asked."""
    page = ROOT / name
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert all((page.parent / link).exists() for link in links)


def test_every_make_target_a_document_names_is_there() -> None:
    """As code: in backticks, or on a line of its own; "make it" in a sentence is none."""
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = {
        target
        for document in (ROOT / name for name in DOCUMENTS)
        for target in re.findall(
            r"(?:`|^ {4})make ([a-z]+)", document.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert {"demo", "test"} <= named <= set(targets)
