"""Parse --since, --before and --expires: 10m, 2h, 3d, ISO 8601; returns aware UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from imgpipe.errors import UsageError

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO: Final = re.compile(r"([0-9]{1,6})([smhdw])")


def since(text: str, now: datetime | None = None, option: str = "--since") -> datetime:
    """Return the UTC time that ``text`` means.

    ``10m``, ``2h`` and ``3d`` are before ``now``; an ISO 8601 date or time is local unless it says
    otherwise.

    Raises:
        UsageError: it means no time.
    """
    try:
        if ago := _AGO.fullmatch(text):
            return (now or datetime.now(UTC)) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "allowed are 45s, 10m, 2h, 3d, 1w, or a date or time such as 2026-07-01T12:00"
        raise UsageError(f"{option} is {text!r}", hint=hint) from None


def until(text: str, now: datetime | None = None, option: str = "--expires") -> datetime:
    """Return the UTC time that ``text`` means: as ``since``, but ``3d`` are after ``now``."""
    at = now or datetime.now(UTC)
    found = since(text, at, option)
    return at + (at - found) if _AGO.fullmatch(text) else found
