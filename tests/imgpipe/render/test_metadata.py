"""What list-metadata shows."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.schema import Metadata, Status
from imgpipe.render import metadata as render
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROW: Final = Metadata(
    "a/processed-photo.jpg",
    72_290,
    "2026-07-01T10:00:00.123+00:00",
    Status.PROCESSED,
    "a/photo.jpg",
    width=735,
    height=600,
)


def test_a_row_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Time, status, pixels, bytes and name."""
    render.table([ROW], 1, Settings())
    header, line = capsys.readouterr().out.splitlines()
    assert header.startswith("TIME (UTC)")
    assert line.split("  ") == [
        "2026-07-01 10:00:00",
        "processed",
        "735 x 600",
        "72.3 KB",
        "a/processed-photo.jpg",
    ]


def test_a_rejection_shows_its_source_and_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """There is no picture under the row's own key."""
    render.table([replace(ROW, status=Status.REJECTED, reason="damaged", width=0)], 1, Settings())
    assert capsys.readouterr().out.splitlines()[1].endswith("  a/photo.jpg: damaged")


def test_the_total_is_told_with_the_way_to_more(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, beside the data."""
    render.table([ROW], 100_000, Settings())
    captured = capsys.readouterr()
    assert "1 of 100,000" in captured.err
    assert "--limit" in captured.err
    assert "100,000" not in captured.out


def test_no_rows_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Rather than nothing at all."""
    render.table([], 0, Settings())
    assert capsys.readouterr() == ("", "No rows.\n")


def test_hostile_keys_are_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """A row's every text may be anybody's."""
    render.table(
        [replace(ROW, filename="[red]\x1b[2Jx\ny", timestamp="\x1b]")],
        1,
        Settings(),
    )
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"[red]\x1b[2Jx\ny" in out


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_one_array(count: int) -> None:
    """Valid whatever it holds, a row a line."""
    out = io.StringIO()
    render.write_json(iter([ROW] * count), out)
    assert json.loads(out.getvalue()) == [vars(ROW) | {"warnings": []}] * count
    assert len(out.getvalue().splitlines()) == (count + 2 if count else 1)


@pytest.mark.parametrize("write", [render.write_json, render.write_csv])
def test_rows_are_written_while_they_are_read(write: object) -> None:
    """The first is out before the second is asked for."""
    out = io.StringIO()

    def rows() -> Iterator[Metadata]:
        yield ROW
        assert "a/processed-photo.jpg" in out.getvalue()
        yield ROW

    write(rows(), out)  # type: ignore[operator]


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_csv_gives_any_key_back(key: str) -> None:
    """Quotes, commas and line breaks included; only what a spreadsheet would run has an apostrophe before it."""
    out = io.StringIO()
    render.write_csv([replace(ROW, filename=key)], out)
    (found,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert found["filename"].removeprefix("'" if key[:1] in set("=+-@\t\r") else "") == key
    assert (found["size"], found["source_key"]) == ("72290", "a/photo.jpg")


@pytest.mark.parametrize("key", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_holds_no_formulas(key: str) -> None:
    """A file name must not run when somebody opens the list."""
    out = io.StringIO()
    render.write_csv([replace(ROW, filename=key)], out)
    assert next(csv.DictReader(io.StringIO(out.getvalue(), newline="")))["filename"] == f"'{key}"


def test_warnings_share_a_cell() -> None:
    """A table has no lists."""
    out = io.StringIO()
    render.write_csv([replace(ROW, warnings=("too small", "first frame only"))], out)
    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row["warnings"] == "too small; first frame only"


def test_csv_of_nothing_has_its_header() -> None:
    """So that a program reading it knows the columns."""
    out = io.StringIO()
    render.write_csv([], out)
    assert out.getvalue().startswith('"filename","size","timestamp","status",')
    assert out.getvalue().count("\n") == 1
