"""Aligned columns that give way to a narrow terminal in a stated order, and never wrap a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from rich.cells import split_graphemes
from rich.text import Text

from imgpipe.render._paper import wrapped

GAP: Final = "  "
ELLIPSIS: Final = "…"


@dataclass(frozen=True)
class Column:
    """A column's ``title``, whether it is flush ``right``, and how it gives way.

    ``gives_way`` is its turn when the line is too long: 1 goes first, 0 never. It is left out, or
    shortened in the middle where ``least`` says how short it may be, and that is enough.
    """

    title: str
    right: bool = False
    gives_way: int = 0
    least: int = 0


def table(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int) -> Iterator[Text]:
    """Yield the header and the rows as aligned lines of at most ``width`` columns.

    The last column is ragged, so that nothing stands behind an address that is clicked or copied.
    Where giving way is not enough, the others keep their places, and a last cell that is too long
    goes below, broken between words unless it says ``no_wrap``: a name that is cut cannot be looked
    up any more, and a reason must be read whole.
    """
    lines = [[Text(column.title, "bold") for column in columns], *rows]
    natural = [max(cell.cell_len for cell in cells) for cells in zip(*lines, strict=True)]
    widths = fitted(columns, natural, width)
    if _total(widths) > width:
        widths = [*fitted(columns[:-1], natural[:-1], width), natural[-1]]
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
            yield from _below(line[-1], width)


def fitted(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    """Return each column's width, given its ``natural`` one; 0 leaves it out.

    Each in its turn is shortened, where it may be and that is enough, or else left out.
    """
    widths = list(natural)
    giving = [at for at in range(len(columns)) if columns[at].gives_way]
    for at in sorted(giving, key=lambda at: columns[at].gives_way):
        excess = _total(widths) - width
        if excess > 0:
            room, least = widths[at] - excess, columns[at].least
            widths[at] = room if least and room >= least else 0
    return widths


def shortened(cell: Text, width: int) -> Text:
    """Return ``cell`` with its middle left out where it is wider than ``width`` columns."""
    if cell.cell_len <= width:
        return cell
    spans, _ = split_graphemes(cell.plain)
    sizes = [size for *_, size in spans]
    head = width // 2
    start = _fitting(sizes, head)
    end = len(spans) - _fitting(sizes[::-1], width - head - len(ELLIPSIS))
    texts = [cell.plain[begin:stop] for begin, stop, _ in spans]
    return Text("".join([*texts[:start], ELLIPSIS, *texts[end:]]), cell.style)


def _fitting(sizes: Sequence[int], width: int) -> int:
    """Return how many of ``sizes``, from the first on, fit into ``width`` columns."""
    return sum(total <= width for total in accumulate(sizes))


def _below(cell: Text, width: int) -> Iterator[Text]:
    parts = [cell] if cell.no_wrap else wrapped(cell, width - len(GAP))
    return (Text.assemble(GAP, part) for part in parts)


def _joined(cells: Sequence[Text]) -> Text:
    line = Text(GAP).join(cells)
    line.rstrip()
    return line


def _total(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + len(GAP) * max(0, len(shown) - 1)


def _padded(cell: Text, width: int, *, right: bool) -> Text:
    space = " " * (width - cell.cell_len)
    if not space:
        return cell
    return Text.assemble(space, cell) if right else Text.assemble(cell, space)
