"""What resume shows: what was missed meanwhile, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from imgpipe.render import reconcile
from imgpipe.render.reconcile import COMPARING, mending

if TYPE_CHECKING:
    from imgpipe.pictures.differences import Finding

__all__ = ["COMPARING", "FOUND", "VIEW", "mending", "summary"]


def summary(since: str, found: Sequence[Finding]) -> Iterator[str]:
    """Yield since when the pipeline was paused, and what it missed."""
    if not since:
        yield "It is not paused."
        return
    yield f"Paused since {since}."
    yield from reconcile.summary(found) if found else ["Nothing was missed."]


FOUND: Final = reconcile.FOUND
VIEW: Final = reconcile.VIEW
