"""What list-metadata shows."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.schema import Metadata, Status
from imgpipe.render import list_metadata as render
from imgpipe.render._paper import Paper
from imgpipe.render._screen import Screen
from tests.support.shell import opened
from tests.support.shown import streamed

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


def table(listing: render.Listing) -> list[str]:
    """Return the lines of the table in a pipe."""
    return [line.plain for line in render.newest(listing, Paper())]


def read(text: str) -> dict[str, str]:
    """Return the one row of a CSV text."""
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    return row


def test_a_row_is_a_line() -> None:
    """Time, status, pixels, bytes and name."""
    header, line = table(render.Listing([ROW], 1))
    assert header.startswith("TIME (UTC)")
    assert line.split("  ") == [
        "2026-07-01 10:00:00",
        "processed",
        "735 x 600",
        "72.3 kB",
        "a/processed-photo.jpg",
    ]


def test_a_rejection_shows_its_source_and_reason() -> None:
    """There is no picture under the row's own key."""
    rejected = replace(ROW, status=Status.REJECTED, reason="damaged", width=0)
    _, line = table(render.Listing([rejected], 1))
    assert line.endswith("  a/photo.jpg: damaged")


@pytest.mark.parametrize(("limit", "more"), [(1, True), (2, False)])
def test_where_there_may_be_more_the_way_to_them_is_told(limit: int, more: bool) -> None:
    """Beside the data; how many there are in all, nobody has counted."""
    listing = render.Listing([ROW], limit)
    assert "1, newest first." in render.summary(listing)
    assert ("--limit" in render.summary(listing)) is more
    assert "--limit" not in "".join(table(listing))


def test_no_rows_is_said() -> None:
    """Rather than a header over nothing."""
    nothing = render.Listing([], 0)
    assert (table(nothing), render.summary(nothing)) == ([], "No rows.")


def test_hostile_keys_are_shown_not_obeyed() -> None:
    """A row's every text may be anybody's."""
    hostile = replace(ROW, filename="[red]\x1b[2Jx\ny", timestamp="\x1b]")
    out = "\n".join(table(render.Listing([hostile], 1)))
    assert "\x1b" not in out
    assert r"[red]\x1b[2Jx\ny" in out


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_an_envelope_a_row(count: int) -> None:
    """Each valid by itself, so that a reader can begin before the end."""
    text = streamed(render.VIEW, [ROW] * count, "json")
    assert [opened(line) for line in text.splitlines()] == [vars(ROW) | {"warnings": []}] * count


@pytest.mark.parametrize("output", ["json", "csv"])
def test_rows_are_written_while_they_are_read(
    capsys: pytest.CaptureFixture[str], output: str
) -> None:
    """The first is out before the second is asked for."""

    def rows() -> Iterator[Metadata]:
        yield ROW
        assert "a/processed-photo.jpg" in capsys.readouterr().out
        yield ROW

    assert Screen("list-metadata", output=output).stream(render.VIEW, rows()) == 2
    assert "a/processed-photo.jpg" in capsys.readouterr().out


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_csv_gives_any_key_back(key: str) -> None:
    """Quotes, commas and line breaks too; only what a spreadsheet would run has an apostrophe."""
    row = read(streamed(render.VIEW, [replace(ROW, filename=key)], "csv"))
    assert (
        row["filename"].removeprefix(
            "'" if key[:1] in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20") else ""
        )
        == key
    )
    assert (row["size"], row["source_key"]) == ("72290", "a/photo.jpg")


@pytest.mark.parametrize("key", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_holds_no_formulas(key: str) -> None:
    """A file name must not run when somebody opens the list."""
    text = streamed(render.VIEW, [replace(ROW, filename=key)], "csv")
    assert read(text)["filename"] == f"'{key}"


def test_csv_on_a_terminal_does_not_steer_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a file it is the very key, whatever that holds."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    rows = [replace(ROW, filename="\x1b[2J\x07\u202egpj.exe\nx")]
    Screen("list-metadata", output="csv").stream(render.VIEW, rows)
    (_, shown) = capsys.readouterr().out.splitlines()
    assert shown.startswith(r'"\x1b[2J\x07\u202egpj.exe\nx"')


def test_warnings_share_a_cell() -> None:
    """A table has no lists."""
    noted = replace(ROW, warnings=("too small", "first frame only"))
    row = read(streamed(render.VIEW, [noted], "csv"))
    assert row["warnings"] == "too small; first frame only"


def test_csv_of_nothing_has_its_header() -> None:
    """So that a program reading it knows the columns."""
    text = streamed(render.VIEW, [], "csv")
    assert text.startswith('"filename","size","timestamp","status",')
    assert text.count("\n") == 1
