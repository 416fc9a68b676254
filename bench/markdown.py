"""Tables as the report writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table: names to the left, figures to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def section(title: str, *paragraphs: str) -> str:
    """Return ``paragraphs`` under a second-level heading."""
    return "\n".join([f"## {title}", "", *(part.rstrip("\n") + "\n" for part in paragraphs)])
