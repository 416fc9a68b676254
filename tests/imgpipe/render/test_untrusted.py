"""Untrusted text, on its way to a terminal."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgpipe.render.untrusted import (
    path_text,
    printable,
    printable_json,
    shell_words,
    spreadsheet_cell,
)


@given(st.text())
def test_what_is_printed_never_steers_the_terminal(text: str) -> None:
    """No escape sequence, no line break, no change of direction gets through."""
    assert printable(text).isprintable()


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_readable_text_stays_as_it_is(text: str) -> None:
    """Whatever its script."""
    assert printable(text) == text


def test_control_characters_are_shown() -> None:
    """So that a hostile name is seen to be one."""
    assert printable("a\x1b[31m\n\u202egpj.\ud800") == r"a\x1b[31m\n\u202egpj.\ud800"


def test_a_path_that_is_no_utf8_is_text_all_the_same() -> None:
    """Any stream takes it."""
    assert path_text(Path(os.fsdecode(b"caf\xe9/gr\xc3\xb6\xc3\x9fe"))) == r"caf\xe9/größe"


@given(st.text(), st.sampled_from([None, 2]))
def test_json_means_the_same_and_steers_nothing(text: str, indent: int | None) -> None:
    """Whatever is in it: an envelope stays on its line, and no terminal obeys it."""
    written = json.dumps({"key": text}, ensure_ascii=False, indent=indent)
    shown = printable_json(written)
    assert json.loads(shown) == {"key": text}
    assert shown.replace("\n", "").isprintable()
    assert len(shown.splitlines()) == (1 if indent is None else 3)


@pytest.mark.parametrize("lead", "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
def test_no_cell_is_a_formula(lead: str) -> None:
    """Text alone: a number that is below zero stays one."""
    assert spreadsheet_cell(f"{lead}1+1") == f"'{lead}1+1"
    assert spreadsheet_cell("a=1") == "a=1"
    assert spreadsheet_cell(-1) == -1


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)))
def test_a_command_is_on_one_line_that_steers_nothing(words: list[str]) -> None:
    """Whatever a key is called that it is about."""
    assert shell_words(shlex.join(words)).isprintable()


@pytest.mark.parametrize(
    "key", ["a\nb", "\x1b[31m'red\\", "\u202egpj.exe", "\x85x", "a\n$(id)`id`", "b"]
)
def test_a_command_is_about_the_very_key(key: str) -> None:
    """As a shell reads it, which runs nothing of it."""
    told = shell_words(f"printf %s {shlex.quote(key)}")
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", told], capture_output=True, check=True, timeout=60, env=environment
    )
    assert done.stdout.decode() == key
