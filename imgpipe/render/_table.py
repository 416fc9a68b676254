"""Aligned columns that give way to a narrow terminal in a stated order, and never wrap a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from imgpipe.render._paper import wrapped

GAP: Final = "  "
ELLIPSIS: Final = "…"


@dataclass(frozen=True)
class Column:
    """A column's ``title``, whether it is flush ``right``, and how it gives way.

    ``gives_way`` is its turn when the line is too long: 1 goes first, 0 never. It is shortened in
    the middle down to ``least`` columns, where that is set, and left out when that is not enough.
    """

    title: str
    right: bool = False
    gives_way: int = 0
    least: int = 0


def table(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int) -> Iterator[Text]:
    """Yield the header and the rows as aligned lines of at most ``width`` columns.

    The last column is ragged, so that nothing stands behind an address that is clicked or copied.
    Where a line is still too long when all have given way, its last cell goes below, broken between
    words: a name that is cut cannot be looked up any more, and a reason must be read whole.
    """
    lines = [[Text(column.title, "bold") for column in columns], *rows]
    widths = fitted(
        columns, [max(cell.cell_len for cell in cells) for cells in zip(*lines, strict=True)], width
    )
    for line in lines:
        cells = [
            _padded(shortened(cell, widths[at]), widths[at], right=columns[at].right)
            for at, cell in enumerate(line)
            if widths[at]
        ]
        joined = _joined(cells)
        if joined.cell_len <= width:
            yield joined
        else:
            yield _joined(cells[:-1])
            yield from (Text.assemble(GAP, part) for part in wrapped(cells[-1], width - len(GAP)))


def fitted(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    """Return each column's width, given its ``natural`` one; 0 leaves it out.

    In their turn those that can be shortened are, and then those that give way go altogether.
    """
    widths = list(natural)
    giving = [at for at in range(len(columns)) if columns[at].gives_way]
    giving.sort(key=lambda at: columns[at].gives_way)
    for at in giving:
        room = widths[at] - max(0, _total(widths) - width)
        widths[at] = max(room, min(columns[at].least, natural[at]))
    for at in giving:
        if _total(widths) > width:
            widths[at] = 0
    return widths


def shortened(cell: Text, width: int) -> Text:
    """Return ``cell`` with its middle left out where it is wider than ``width`` columns."""
    if cell.cell_len <= width:
        return cell
    head = width // 2
    start = _begin(cell.plain, head)
    end = _begin(cell.plain[::-1], width - head - len(ELLIPSIS))[::-1]
    return Text(f"{start}{ELLIPSIS}{end}", cell.style)


def _begin(text: str, width: int) -> str:
    """Return as much of the beginning of ``text`` as fits into ``width`` columns."""
    sizes = accumulate(cell_len(character) for character in text)
    return text[: sum(size <= width for size in sizes)]


def _joined(cells: Sequence[Text]) -> Text:
    line = Text(GAP).join(cells)
    line.rstrip()
    return line


def _total(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + len(GAP) * max(0, len(shown) - 1)


def _padded(cell: Text, width: int, *, right: bool) -> Text:
    space = " " * max(0, width - cell.cell_len)
    return Text.assemble(space, cell) if right else Text.assemble(cell, space)
