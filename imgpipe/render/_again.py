"""What it costs and takes to make pictures again, in words."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from imgpipe.pipeline.again import Expense

_CENT: Final = 0.01


def expected(found: Expense) -> str:
    """Return such as ``about $0.42, 7 min``; nothing is said to be free."""
    dollars = f"about ${found.dollars:,.2f}" if found.dollars >= _CENT else "less than a cent"
    return f"{dollars}, {_lasting(found.seconds)}"


def _lasting(seconds: float) -> str:
    if seconds < 60:  # noqa: PLR2004 - a minute
        return "less than a minute"
    minutes = ceil(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"  # noqa: PLR2004
