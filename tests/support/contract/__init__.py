"""What the contract of resource types must know of one: how to build and how to disturb it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from imgpipe.engine.resource import OWNER_TAG

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Resource

TAGS: Final = ((OWNER_TAG, "default"), ("team", "photo"))
TAG_LIST: Final = [{"Key": key, "Value": value} for key, value in TAGS]

ByHand = Callable[["Aws"], object]


@dataclass(frozen=True)
class Drift:
    """A change ``by_hand``, and the mutating ``calls`` that put it back: these and no others."""

    by_hand: ByHand
    calls: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A ``resource`` of one type, and what is around it.

    ``needed`` are the resources it depends on, dependencies first. ``remove`` deletes it by hand.
    ``theirs`` makes it, or what it is a part of, somebody else's; where AWS lets both stand beside
    each other (``beside``), theirs is not seen, else it is refused. ``surroundings`` prepares what
    is no resource of the pipeline, before the first call.
    """

    resource: Resource
    needed: tuple[Resource, ...]
    drifts: dict[str, Drift]
    remove: ByHand
    theirs: ByHand
    beside: bool = False
    surroundings: ByHand = field(default=lambda _: None)
