"""An envelope around a list that comes in portions."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pytest

from imgpipe.render._envelope import envelope
from imgpipe.render._screen import Screen, View


@dataclass
class Row:
    """A record with a hostile name in it."""

    name: str
    parts: list[str]


ROWS: Final = [Row('a\u2028"]\n  ]\n}', ["]", "}"]), Row("", []), Row("\x9b2J", ["x"])]
VIEW: Final = View[Sequence[Row]](lambda rows: rows, lambda _, __: ())


def written(portions: Iterator[Sequence[Row]]) -> str:
    """What is written of portions, until they end, well or badly."""
    with redirect_stdout(io.StringIO()) as out, suppress(KeyboardInterrupt):
        for _ in Screen("command", output="json").portions(VIEW, portions):
            pass
    return out.getvalue()


@pytest.mark.parametrize("cuts", [[], [0], [1], [1, 2], [0, 0, 2, 3], [3]])
def test_portions_are_as_the_whole(cuts: list[int]) -> None:
    """To the byte, wherever it is cut."""
    ends = [0, *cuts, len(ROWS)]
    portions = (ROWS[start:end] for start, end in pairwise(ends))
    assert written(portions) == envelope("command", ROWS) + "\n"


def test_what_is_written_ends_with_a_line() -> None:
    """A terminal's progress is drawn below it, and would wipe what stands on its own line."""
    with redirect_stdout(io.StringIO()) as out:
        for _ in Screen("command", output="json").portions(VIEW, iter([ROWS[:1], ROWS[1:]])):
            assert out.getvalue().endswith("\n")


@pytest.mark.parametrize("portions", [[], [[]], [[], []]])
def test_nothing_is_an_empty_list(portions: list[list[Row]]) -> None:
    """As ever."""
    assert written(iter(portions)) == envelope("command", []) + "\n"


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_what_was_begun_is_whole_where_it_ends_badly(number: int) -> None:
    """What was not begun stays silent: the error is the answer."""

    def interrupted() -> Iterator[Sequence[Row]]:
        yield from ([row] for row in ROWS[:number])
        raise KeyboardInterrupt

    text = written(interrupted())
    assert text == (envelope("command", ROWS[:number]) + "\n" if number else "")
    assert not number or len(json.loads(text)["data"]) == number
