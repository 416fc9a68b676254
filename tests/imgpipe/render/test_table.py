"""Aligned columns, and how they give way."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from imgpipe.render._paper import UNBOUNDED
from imgpipe.render._table import Column, fitted, shortened, table
from imgpipe.render.untrusted import printable

COLUMNS: Final = (
    Column("NAME"),
    Column("KIND", gives_way=2, least=4),
    Column("SIZE", right=True, gives_way=1),
    Column("URL"),
)

# Names as people have them: any script, wide characters, and pictures that are several characters.
cells = st.one_of(
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60),
    st.text(st.sampled_from("図片日本語éa1-_."), max_size=60),
    st.lists(st.sampled_from(["🏖", "👩‍👩‍👧", "🇩🇪", "☀️", "a", " "]), max_size=20).map("".join),
).map(printable)
rows = st.lists(st.tuples(cells, cells, cells, cells), max_size=4)
widths = st.integers(min_value=1, max_value=250)


def test_columns_line_up() -> None:
    """By the cells a terminal needs: a Chinese character takes two. The last column is ragged."""
    texts = [
        [Text("图.jpg"), Text("5 B"), Text("x")],
        [Text("a.jpeg"), Text("500 B"), Text("longer")],
    ]
    columns = (Column("NAME"), Column("SIZE", right=True), Column("URL"))
    assert [line.plain for line in table(columns, texts, 80)] == [
        "NAME     SIZE  URL",
        "图.jpg    5 B  x",
        "a.jpeg  500 B  longer",
    ]


def drawn(values: list[tuple[str, str, str, str]], width: int) -> list[str]:
    """The table of ``values`` whose last column is a name that must not be broken."""
    texts = [[*map(Text, first), Text(last, no_wrap=True)] for *first, last in values]
    return [line.plain for line in table(COLUMNS, texts, width)]


@given(rows, widths)
def test_only_a_single_name_is_longer_than_the_line(
    values: list[tuple[str, str, str, str]], width: int
) -> None:
    """Whatever stands in it, and however narrow the terminal."""
    whole = {name.strip() for row in values for name in (row[0], row[-1])} | {"NAME", "URL"}
    for line in drawn(values, width):
        assert cell_len(line) <= width or line.strip() in whole


@given(rows, widths)
def test_a_name_is_never_cut(values: list[tuple[str, str, str, str]], width: int) -> None:
    """Neither the one that identifies the row nor the one that is clicked or copied."""
    text = "\n".join(drawn(values, width))
    for first, *_, last in values:
        assert first.strip() in text
        assert last.strip() in text


@given(rows)
def test_in_a_pipe_nothing_is_cut(values: list[tuple[str, str, str, str]]) -> None:
    """Each row is a line, with every cell in it."""
    header, *lines = drawn(values, UNBOUNDED)
    assert header.split() == ["NAME", "KIND", "SIZE", "URL"]
    for line, row in zip(lines, values, strict=True):
        assert all(cell.strip() in line for cell in row)


@given(cells, st.integers(min_value=1, max_value=80))
def test_what_is_shortened_fits_and_keeps_both_ends(text: str, width: int) -> None:
    """The middle is left out; what fits stays as it is."""
    short = shortened(Text(text), width).plain
    start, mark, end = short.partition("…")
    assert cell_len(short) <= width
    if cell_len(text) <= width:
        assert short == text
    else:
        assert mark
        assert text.startswith(start)
        assert text.endswith(end)


@given(st.lists(st.integers(min_value=1, max_value=90), min_size=4, max_size=4), widths)
def test_the_turns_are_kept(natural: list[int], width: int) -> None:
    """A column that gives way later is whole until the earlier one has given all that it can."""
    name, kind, size, url = fitted(COLUMNS, natural, width)
    assert (name, url) == (natural[0], natural[3])
    assert size in {0, natural[2]}
    assert kind in {0, *range(4, natural[1]), natural[1]}
    if size == 0:
        assert sum(natural) + 6 > width
    if kind < natural[1]:
        assert size == 0
    if kind == 0:
        assert name + url + min(4, natural[1]) + 4 > width


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (40, ["NAME  KIND       SIZE  URL", "a     landscape     5  one two three"]),
        (34, ["NAME  KIND       URL", "a     landscape  one two three"]),
        (29, ["NAME  KIND      URL", "a     land…ape  one two three"]),
        (22, ["NAME  URL", "a     one two three"]),
        (18, ["NAME  KIND", "  URL", "a     landscape", "  one two three"]),
        (11, ["NAME  KIND", "  URL", "a     la…pe", "  one two", "  three"]),
        (9, ["NAME  URL", "a", "  one two", "  three"]),
    ],
)
def test_giving_way_step_by_step(width: int, lines: list[str]) -> None:
    """The size goes, the kind is shortened and goes; what is too long even so goes below."""
    row = [Text("a"), Text("landscape"), Text("5"), Text("one two three")]
    assert [line.plain for line in table(COLUMNS, [row], width)] == lines
