"""Checks on single settings: each raises ``ValueError`` naming the setting, its value and what is allowed. Standard library only."""

from __future__ import annotations

import re
from typing import Final

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_LONGEST_TEXT: Final = 200


def choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Accept one of ``allowed``."""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; allowed are {', '.join(allowed)}")


def integer(name: str, value: object, low: int, high: int) -> None:
    """Accept a whole number from ``low`` to ``high``."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}; allowed are whole numbers from {low} to {high}")


def number(name: str, value: object, low: float, high: float) -> None:
    """Accept a number from ``low`` to ``high``."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}; allowed are numbers from {low:g} to {high:g}")


def boolean(name: str, value: object) -> None:
    """Accept exactly true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}; allowed are true and false")


def colour(name: str, value: object) -> None:
    """Accept a colour written ``#rrggbb``."""
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise ValueError(f"{name} is {value!r}; allowed are colours written #rrggbb")


def text(name: str, value: object) -> None:
    """Accept a printable text of bounded length."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise ValueError(
            f"{name} is {value!r}; allowed is a text of at most {_LONGEST_TEXT} characters, without control characters"
        )
