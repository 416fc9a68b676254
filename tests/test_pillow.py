"""docs/pillow.md: what Pillow gets wrong, each with a release and a test that is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.test_aws_behaviour import names_in

ROOT: Final = Path(__file__).parents[1]
ROWS: Final = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in (ROOT / "docs/pillow.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| What", "| ---"))
]


def test_the_table_is_read() -> None:
    """Four cells a row; an empty table would prove nothing."""
    assert len(ROWS) > 20
    assert {len(row) for row in ROWS} == {4}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_what_pillow_gets_wrong_has_a_release_and_a_test(row: tuple[str, ...]) -> None:
    """And the modules that it names are there."""
    what, release, done, named = row
    assert what
    assert re.fullmatch(r"(pi-heif )?\d+\.\d+\.\d+", release)
    for module in re.findall(r"`(handler/[\w/]+\.py)`", done):
        assert (ROOT / module).is_file()
    match = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", named)
    assert match, named
    assert match[2] in names_in(ROOT / match[1])
