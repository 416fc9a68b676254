"""Rows in portions: aligned and in order within each, and few in memory however many come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final, TypeVar

T = TypeVar("T")

PORTION: Final = 500


def portions(values: Iterable[T], order: Callable[[T], Any]) -> Iterator[list[T]]:
    """Yield ``values`` in lists of at most ``PORTION``, each in ``order``; one at the least."""
    rest = iter(values)
    yield sorted(islice(rest, PORTION), key=order)
    while portion := sorted(islice(rest, PORTION), key=order):
        yield portion
