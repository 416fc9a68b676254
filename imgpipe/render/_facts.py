"""Names and values, one pair a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.text import Text

from imgpipe.render.untrusted import printable


def facts(values: Mapping[str, str]) -> Iterator[Text]:
    """Yield ``source bucket  photos`` for ``{"source_bucket": "photos"}``, the values aligned."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        yield Text.assemble((f"{name.replace('_', ' '):<{width}}", "dim"), f"  {printable(value)}")
