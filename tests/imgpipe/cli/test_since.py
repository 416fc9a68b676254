"""Points in time as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imgpipe.cli import _since
from imgpipe.errors import UsageError

NOW = datetime(2026, 7, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("45s", timedelta(seconds=45)),
        ("10m", timedelta(minutes=10)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("1w", timedelta(days=7)),
    ],
)
def test_a_span_counts_back_from_now(text: str, ago: timedelta) -> None:
    """In the units people write."""
    assert _since.since(text, NOW) == NOW - ago


def test_an_iso_time_keeps_its_zone() -> None:
    """A stated offset is honoured."""
    assert _since.since("2026-07-01T12:00:00+02:00") == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def test_an_iso_time_without_a_zone_is_local() -> None:
    """It means what the clock on the wall showed."""
    assert _since.since("2026-07-01") == datetime(2026, 7, 1).astimezone(UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "10",
        "m",
        "-5m",
        "10 m",
        "1.5h",
        "9999999d",
        "999999w",
        "2026-13-01",
        "0001-01-01T00:00+14:00",
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    """Without a traceback, whatever was typed."""
    with pytest.raises(UsageError) as error:
        _since.since(text, NOW)
    assert "10m" in error.value.hint
