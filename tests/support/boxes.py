"""A cloud of boxes for the engine's own tests: resources of one property, without a service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import boto3

from imgpipe.aws.account import Aws
from imgpipe.engine.graph import Event, finals
from imgpipe.engine.resource import OWNER_TAG, Live, OwnedPart, Properties, Resource, TaggedResource
from imgpipe.errors import ServiceError

TAGS: Final = ((OWNER_TAG, "default"),)


class Cloud(Aws):
    """What is ``there``, by name, and every mutating call in order; nothing is sent or waited for.

    ``crash_after`` ends the process's life after that many calls; the names in ``broken`` cannot be
    created, those in ``hidden`` not be read. ``asked`` is what was read, in order.
    """

    def __init__(self) -> None:
        super().__init__(boto3.Session("a", "b", region_name="eu-west-1"), sleep=lambda _: None)
        self.there: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.asked: list[str] = []
        self.crash_after = 10**9
        self.broken: frozenset[str] = frozenset()
        self.hidden: frozenset[str] = frozenset()

    def write(self, call: str) -> None:
        """Record a mutating call, or crash instead of making it."""
        if len(self.calls) >= self.crash_after:
            raise SystemError("the process died")
        self.calls.append(call)


def cloud(aws: Aws) -> Cloud:
    """Return ``aws`` as what it is here."""
    assert isinstance(aws, Cloud)
    return aws


@dataclass(frozen=True)
class Box(TaggedResource):
    """A resource with one property, and an Arn once it is there."""

    type: ClassVar[str] = "Test::Box"
    title: ClassVar[str] = "box"
    size: int = 1
    needs: Resource | None = None
    also: Resource | None = None

    def properties(self, live: Live) -> Properties:
        below = live.attribute(self.needs, "Arn") if self.needs and self.needs.wanted else ""
        return {"Size": self.size, "Below": below, "Tags": dict(self.tags)}

    def read(self, aws: Aws) -> Properties | None:
        cloud(aws).asked.append(self.name)
        if self.name in cloud(aws).hidden:
            raise ServiceError(f"{self.name} is hidden")
        found = cloud(aws).there.get(self.name)
        return {**found, "Arn": f"arn:{self.name}"} if found else None

    def create(self, aws: Aws, desired: Properties) -> None:
        if self.name in cloud(aws).broken:
            raise ServiceError(f"{self.name} is broken")
        cloud(aws).write(f"create {self.name}")
        cloud(aws).there[self.name] = {"Tags": desired["Tags"]}
        cloud(aws).write(f"configure {self.name}")
        cloud(aws).there[self.name] = dict(desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        cloud(aws).write(f"update {self.name} {','.join(sorted(changed))}")
        there = cloud(aws).there[self.name]
        added = {name: desired[name] for name in changed}
        # As AWS's services have it: tagging adds.
        there.update({**added, "Tags": {**there["Tags"], **added.get("Tags", {})}})

    def delete(self, aws: Aws, live: Properties) -> None:
        cloud(aws).write(f"delete {self.name}")
        cloud(aws).there.pop(self.name, None)


@dataclass(frozen=True)
class Lid(OwnedPart):
    """A part of a box, untagged."""

    type: ClassVar[str] = "Test::Lid"
    title: ClassVar[str] = "lid"
    box: Box

    @property
    def owner(self) -> Resource:
        return self.box

    def properties(self, live: Live) -> Properties:
        return {"Closed": True}

    def read(self, aws: Aws) -> Properties | None:
        return cloud(aws).there.get(self.name)

    def create(self, aws: Aws, desired: Properties) -> None:
        cloud(aws).write(f"create {self.name}")
        cloud(aws).there[self.name] = dict(desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        cloud(aws).write(f"update {self.name}")

    def delete(self, aws: Aws, live: Properties) -> None:
        cloud(aws).write(f"delete {self.name}")
        cloud(aws).there.pop(self.name, None)


def tower(*sizes: int) -> tuple[Box, ...]:
    """Boxes a, b, c ..., each standing on the one before."""
    boxes: list[Box] = []
    for name, size in zip("abcdef", sizes, strict=False):
        boxes.append(Box(name, TAGS, size=size, needs=boxes[-1] if boxes else None))
    return tuple(boxes)


def final(events: Iterator[Event]) -> dict[str, Event]:
    """Each resource's last event, by name."""
    return {event.resource.name: event for event in finals(events)}
