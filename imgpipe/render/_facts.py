"""Names and values, one pair a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.text import Text

from imgpipe.render._paper import Paper
from imgpipe.render._table import GAP
from imgpipe.render.untrusted import printable


def facts(values: Mapping[str, str], paper: Paper) -> Iterator[Text]:
    """Yield ``source bucket  photos`` for ``{"source_bucket": "photos"}``, the values aligned.

    A value that is too long for its line goes below, whole.
    """
    width = max(map(len, values), default=0)
    for name, value in values.items():
        label = Text(f"{name.replace('_', ' '):<{width}}", "dim")
        line = Text.assemble(label, f"{GAP}{printable(value)}")
        if line.cell_len <= paper.width:
            yield line
        else:
            yield from (label, Text(f"{GAP}{printable(value)}"))
