"""Table of Lambda's Pythons that can be chosen, and of the day on which each is no longer made."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

# "Block function create", as looked up on 2026-11-29; AWS calls its dates projected:
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
RUNTIMES: Final = {
    "python3.12": date(2028, 11, 30),
    "python3.13": date(2029, 7, 31),
    "python3.14": date(2029, 7, 31),
}
DEFAULT: Final = "python3.12"
_NOTICE: Final = timedelta(days=365)


def python_of(runtime: str) -> str:
    """Return the version of Python that ``runtime`` is, such as ``3.12``."""
    return runtime.removeprefix("python")


def notice(runtime: str, today: date) -> str:
    """Return what to know of the end of ``runtime``, from a year before it on; else empty."""
    end = RUNTIMES[runtime]
    if today < end - _NOTICE:
        return ""
    verb = "makes no function" if today >= end else f"from {end} on makes no function"
    newest = max(RUNTIMES, key=lambda name: int(name.rpartition(".")[2]))
    advice = f"; set runtime = {newest!r}" if newest != runtime else "; look for a newer imgpipe"
    return f"AWS {verb} with {runtime}, and soon after changes none{advice}"
