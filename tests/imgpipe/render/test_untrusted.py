"""Untrusted text, on its way to a terminal."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

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
