"""What was promised, held against what was measured.

Where a promise is missed the reason stands beside the figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterable

# What is in a goal's name -> why it is missed where it is.
_REASONS: Final = {
    "orientation, ICC": (
        "a foreign profile is LittleCMS's to convert, 20 ns a pixel, of what vector code has made "
        "a third cheaper (by Pillow it is 1.13); pictures in sRGB, the most, do not pay it (the "
        "row above). Pillow's own tables of three dimensions take 25 ns, and are up to 15 of 255 "
        "off"
    ),
    "quality auto, JPEG: bytes": (
        "few photographs are no corpus: over 48 it is 0.845 at the same score, and here the score "
        "is higher (docs/decisions/0012-quality-by-likeness.md)"
    ),
    "MP, CPU, of the guide's": (
        "what is left is the decoder and the encoder, which the guide's code runs, too"
    ),
    "cold start": (
        "what of botocore a client needs takes two fifths of the guide's start to import, half of "
        "that urllib3 and the regular expressions of both; the clients and the picture core take "
        "the rest"
    ),
    "CPU, of aws s3 cp": (
        "to start takes half of it: the interpreter, botocore, typer and rich, as much as all of "
        "aws's start; a file more costs a quarter of what it costs there"
    ),
    "memory of an upload": (
        "each file's name, size and fate are kept for the table in the end, 2.5 KB a file"
    ),
    "setup behind": (
        "one chain of work, not of waiting, takes most of it: packing the layer, "
        "the emulator's start of the function, the self-test"
    ),
}


@dataclass(frozen=True)
class Goal:
    """One promise: ``measured`` must not exceed ``limit``; both in ``unit`` (``x`` = a ratio)."""

    what: str
    measured: float
    limit: float
    unit: str = "x"

    @property
    def verdict(self) -> str:
        """Return ``met``, at two decimals, or ``missed`` and why, where that is known."""
        if round(self.measured, 2) <= self.limit:
            return "met"
        reason = next((why for part, why in _REASONS.items() if part in self.what), "")
        return f"**missed**: {reason}" if reason else "**missed**"


def goals_table(goals: Iterable[Goal]) -> str:
    """Return every goal as a row: what, limit, figure, and met or the reason."""
    rows = [
        [
            goal.what,
            f"<= {_figure(goal.limit, goal.unit)}",
            _figure(goal.measured, goal.unit),
            goal.verdict,
        ]
        for goal in goals
    ]
    return table(["what", "goal", "measured", "verdict"], rows)


def _figure(value: float, unit: str) -> str:
    return f"{value:.2f} {unit}" if unit != "x" else f"{value:.2f}"
