"""Aligned columns, and how they give way."""

from __future__ import annotations

from rich.text import Text

from imgpipe.render._table import Column, table


def test_columns_line_up() -> None:
    """By the cells a terminal needs: a Chinese character takes two. The last column is ragged."""
    rows = [
        [Text("图.jpg"), Text("5 B"), Text("x")],
        [Text("a.jpeg"), Text("500 B"), Text("longer")],
    ]
    columns = (Column("NAME"), Column("SIZE", right=True), Column("URL"))
    assert [line.plain for line in table(columns, rows, 80)] == [
        "NAME     SIZE  URL",
        "图.jpg    5 B  x",
        "a.jpeg  500 B  longer",
    ]
