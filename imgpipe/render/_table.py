"""Aligned columns of text that nobody cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GAP = "  "


def columns(
    header: Sequence[str], rows: Sequence[Sequence[Text]], right: frozenset[str] = frozenset()
) -> Iterator[Text]:
    """Yield the header and the rows as aligned lines; the columns named in ``right`` are flush right, the last one is ragged.

    Long cells are not cut, and nothing stands behind the last one: a URL there can be clicked, copied and piped.
    """
    lines = [[Text(name, "bold") for name in header], *rows]
    widths = [max(cell.cell_len for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = [
            _padded(cell, width, name in right)
            for cell, width, name in zip(line[:-1], widths, header, strict=False)
        ]
        yield Text(GAP).join([*padded, line[-1]])


def _padded(cell: Text, width: int, right: bool) -> Text:
    space = " " * (width - cell.cell_len)
    return Text.assemble(space, cell) if right else Text.assemble(cell, space)
