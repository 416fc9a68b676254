"""What invalidate shows: which paths the edges forget, and whether they have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from rich.text import Text

from imgpipe.costs import prices
from imgpipe.pictures.forgetting import EVERYTHING, Invalidation
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render.untrusted import printable

WAITING: Final = "Waiting for every edge to forget"
NOTHING: Final = "Nothing was invalidated."


class State(StrEnum):
    """How an invalidation stands."""

    PLANNED = "planned"
    UNDER_WAY = "under way"
    COMPLETED = "completed"


_STYLES: Final = {State.COMPLETED: "green"}


@dataclass(frozen=True)
class InvalidationRecord:
    """What the edges forget."""

    id: Annotated[str, "CloudFront's id of it; empty: it was not made"]
    status: Annotated[State, "completed: every edge forgot"]
    paths: Annotated[list[str], "the paths, as CloudFront has them"]


def announced(found: Invalidation) -> str:
    """Return how much is forgotten, and what that costs."""
    count = len(found.paths)
    free, price = prices.FREE_INVALIDATIONS, prices.INVALIDATION
    many = f"{count:,} path{'s' * (count != 1)}"
    dollars = max(0, count - free) * price
    cost = f"these cost ${dollars:,.2f} at least" if dollars else f"each further one ${price}"
    said = f"{many}: an account's first {free:,} a month are free, {cost}."
    if EVERYTHING not in found.paths:
        return said
    return (
        f"{said} Until it is asked for again, everything comes from S3, which takes longer and"
        " costs a request each."
    )


def question(found: Invalidation) -> str:
    """Return what is asked before it is done; empty where it does no harm."""
    if EVERYTHING in found.paths:
        return "Let every edge forget everything?"
    costs = len(found.paths) > prices.FREE_INVALIDATIONS
    return f"Let every edge forget {len(found.paths):,} paths?" if costs else ""


def _state(shown: Invalidation) -> State:
    if not shown.id:
        return State.PLANNED
    return State.COMPLETED if shown.completed else State.UNDER_WAY


def _record(shown: Invalidation) -> InvalidationRecord:
    return InvalidationRecord(shown.id, _state(shown), list(shown.paths))


def _text(shown: Invalidation, _: Paper) -> Iterator[Text]:
    state = _state(shown)
    identity = f"  {printable(shown.id)}" if shown.id else ""
    yield Text.assemble((state, _STYLES.get(state, "yellow")), identity)
    yield from (Text(f"  {printable(each)}") for each in shown.paths)


VIEW: Final = View(_record, _text)
