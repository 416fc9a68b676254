"""Untrusted text in lines and columns."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from imgpipe.render._table import columns
from imgpipe.render.untrusted import path_text, printable


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


def test_columns_line_up() -> None:
    """By the cells a terminal needs: a Chinese character takes two. The last column is ragged."""
    rows = [
        [Text("图.jpg"), Text("5 B"), Text("x")],
        [Text("a.jpeg"), Text("500 B"), Text("longer")],
    ]
    lines = columns(("NAME", "SIZE", "URL"), rows, right=frozenset({"SIZE"}))
    assert [line.plain for line in lines] == [
        "NAME     SIZE  URL",
        "图.jpg    5 B  x",
        "a.jpeg  500 B  longer",
    ]
