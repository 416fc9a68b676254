"""docs/aws-behaviour.md: each behaviour has a source, a date, and a test that exists."""

from __future__ import annotations

import ast
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
UNCHECKED: Final = "only on AWS: not checked"
ROWS: Final = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in (ROOT / "docs/aws-behaviour.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| What", "| ---"))
]


@cache
def names_in(path: Path) -> set[str]:
    """The names of the test functions in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_table_is_read() -> None:
    """Four cells a row; an empty table would prove nothing."""
    assert len(ROWS) > 30
    assert {len(row) for row in ROWS} == {4}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:50])
def test_a_behaviour_has_a_source_a_date_and_a_test(row: tuple[str, ...]) -> None:
    """The test is named by its file and function, and is there."""
    what, source, looked_up, named = row
    assert what
    assert source
    assert date.fromisoformat(looked_up) >= date(2026, 1, 1)
    if named == UNCHECKED:
        return
    match = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", named)
    assert match, named
    assert match[2] in names_in(ROOT / match[1])
