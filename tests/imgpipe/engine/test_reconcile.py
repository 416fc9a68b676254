"""The engine, on resources made for it: order, width, failure, ownership, convergence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import boto3
import pytest

from imgpipe.aws.account import Aws
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, Event, State, finals
from imgpipe.engine.resource import (
    OWNER_TAG,
    Live,
    OwnedPart,
    Properties,
    Resource,
    TaggedResource,
    Unknown,
)
from imgpipe.errors import NotOursError, ServiceError

TAGS = ((OWNER_TAG, "default"),)


@dataclass
class Cloud:
    """What stands, and every mutating call in order; ``crash_after`` ends the process's life after that many calls."""

    there: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    crash_after: int = 10**9
    broken: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()

    def write(self, call: str) -> None:
        """Record a mutating call, or crash instead of making it."""
        if len(self.calls) >= self.crash_after:
            raise SystemError("the process died")
        self.calls.append(call)


CLOUD = Cloud()


@pytest.fixture(autouse=True)
def cloud() -> Cloud:
    """An empty cloud for every test."""
    CLOUD.__init__()  # type: ignore[misc]
    return CLOUD


@pytest.fixture
def aws() -> Aws:
    """An account nobody calls, with waits that take no time."""
    return Aws(boto3.Session("a", "b", region_name="eu-west-1"), sleep=lambda _: None)


@dataclass(frozen=True)
class Box(TaggedResource):
    """A resource with one property, and an Arn once it is there."""

    type: ClassVar[str] = "Test::Box"
    title: ClassVar[str] = "box"
    size: int = 1
    needs: Resource | None = None
    also: Resource | None = None

    def properties(self, live: Live) -> Properties:
        below = live.attribute(self.needs, "Arn") if self.needs else ""
        return {"Size": self.size, "Below": below, "Tags": dict(self.tags)}

    def read(self, aws: Aws) -> Properties | None:
        if self.name in CLOUD.hidden:
            raise ServiceError(f"{self.name} is hidden")
        found = CLOUD.there.get(self.name)
        return {**found, "Arn": f"arn:{self.name}"} if found else None

    def create(self, aws: Aws, desired: Properties) -> None:
        if self.name in CLOUD.broken:
            raise ServiceError(f"{self.name} is broken")
        CLOUD.write(f"create {self.name}")
        CLOUD.there[self.name] = {"Tags": desired["Tags"]}
        CLOUD.write(f"configure {self.name}")
        CLOUD.there[self.name] = dict(desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        CLOUD.write(f"update {self.name} {','.join(sorted(changed))}")
        CLOUD.there[self.name].update({name: desired[name] for name in changed})

    def delete(self, aws: Aws, live: Properties) -> None:
        CLOUD.write(f"delete {self.name}")
        CLOUD.there.pop(self.name, None)


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
        return CLOUD.there.get(self.name)

    def create(self, aws: Aws, desired: Properties) -> None:
        CLOUD.write(f"create {self.name}")
        CLOUD.there[self.name] = dict(desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        CLOUD.write(f"update {self.name}")

    def delete(self, aws: Aws, live: Properties) -> None:
        CLOUD.write(f"delete {self.name}")
        CLOUD.there.pop(self.name, None)


def tower(*sizes: int) -> tuple[Box, ...]:
    """Boxes a, b, c ..., each standing on the one before."""
    boxes: list[Box] = []
    for name, size in zip("abcdef", sizes, strict=False):
        boxes.append(Box(name, TAGS, size=size, needs=boxes[-1] if boxes else None))
    return tuple(boxes)


def final(events: Iterator[Event]) -> dict[str, Event]:
    """Each resource's last event, by name."""
    return {event.resource.name: event for event in finals(events)}


def test_setup_creates_dependencies_first_and_a_second_setup_writes_nothing(
    aws: Aws, cloud: Cloud
) -> None:
    """Creation follows the fields; the second run finds all in place."""
    final(reconcile.setup(tower(1, 2, 3)[::-1], aws))
    assert [call for call in cloud.calls if call.startswith("create")] == [
        "create a",
        "create b",
        "create c",
    ]
    written = len(cloud.calls)
    assert {event.action for event in final(reconcile.setup(tower(1, 2, 3), aws)).values()} == {
        Action.NONE
    }
    assert len(cloud.calls) == written


def test_a_changed_setting_updates_only_what_it_touches(aws: Aws, cloud: Cloud) -> None:
    """One property of one resource differs: one call, naming it."""
    final(reconcile.setup(tower(1, 2, 3), aws))
    cloud.calls.clear()
    events = final(reconcile.setup(tower(1, 9, 3), aws))
    assert cloud.calls == ["update b Size"]
    assert events["b"].changed == {"Size"}


def test_plan_writes_nothing_and_says_what_setup_would_do(aws: Aws, cloud: Cloud) -> None:
    """A plan on an empty account creates all; on a changed one it names the change."""
    assert {event.action for event in final(reconcile.plan(tower(1, 2), aws)).values()} == {
        Action.CREATE
    }
    assert cloud.calls == []
    final(reconcile.setup(tower(1, 2), aws))
    cloud.calls.clear()
    assert final(reconcile.plan(tower(1, 5), aws))["b"].changed == {"Size"}
    assert cloud.calls == []


def test_a_plan_knows_that_a_new_dependency_changes_its_dependents(aws: Aws, cloud: Cloud) -> None:
    """b stands, a is gone: b's reference to a is known only after setup, so b is to be updated."""
    final(reconcile.setup(tower(1, 2), aws))
    del cloud.there["a"]
    events = final(reconcile.plan(tower(1, 2), aws))
    assert (events["a"].action, events["b"].action, events["b"].changed) == (
        Action.CREATE,
        Action.UPDATE,
        frozenset({"Below"}),
    )


def test_a_plan_knows_that_an_immutable_dependency_is_replaced_by_its_update(
    aws: Aws, cloud: Cloud
) -> None:
    """A layer's new version has another Arn, so the function that uses it is to be updated as well."""

    @dataclass(frozen=True)
    class Version(Box):
        immutable: ClassVar[bool] = True

    def pair(size: int) -> list[Box]:
        version = Version("v", TAGS, size=size)
        return [version, Box("f", TAGS, needs=version)]

    final(reconcile.setup(pair(1), aws))
    assert {event.action for event in final(reconcile.plan(pair(1), aws)).values()} == {Action.NONE}
    assert {event.action for event in final(reconcile.plan(pair(2), aws)).values()} == {
        Action.UPDATE
    }


def test_independent_resources_are_made_at_the_same_time(aws: Aws) -> None:
    """Three resources that meet at a barrier inside create can only pass it together."""
    barrier = threading.Barrier(3, timeout=5)

    @dataclass(frozen=True)
    class Meeting(Box):
        def create(self, aws: Aws, desired: Properties) -> None:
            barrier.wait()
            super().create(aws, desired)

    events = final(reconcile.setup([Meeting(name, TAGS) for name in "abc"], aws))
    assert {event.state for event in events.values()} == {State.DONE}


def test_finals_drop_what_has_only_started(aws: Aws) -> None:
    """A box that is made has a start and an end; the end alone is final."""
    events = list(reconcile.setup(tower(1), aws))
    assert [event.state for event in events] == [State.STARTED, State.DONE]
    assert list(finals(events)) == events[1:]


def test_a_failure_blocks_what_depends_on_it_and_nothing_else(aws: Aws, cloud: Cloud) -> None:
    """b fails, c waits for b, d is independent."""
    cloud.broken = frozenset({"b"})
    events = final(reconcile.setup([*tower(1, 2, 3), Box("d", TAGS)], aws))
    assert {name: event.state for name, event in events.items()} == {
        "a": State.DONE,
        "b": State.FAILED,
        "c": State.BLOCKED,
        "d": State.DONE,
    }
    assert events["b"].error is not None
    assert events["b"].error.message == "b is broken"


def test_what_cannot_be_read_stops_setup_before_it_changes_anything(aws: Aws, cloud: Cloud) -> None:
    """A missing permission, say; the others might be fine."""
    cloud.hidden = frozenset({"b"})
    with pytest.raises(ServiceError, match="b is hidden"):
        final(reconcile.setup(tower(1, 2), aws))
    assert cloud.calls == []


def test_what_is_not_ours_is_neither_changed_nor_deleted_nor_are_its_parts(
    aws: Aws, cloud: Cloud
) -> None:
    """A box without our tag stops setup before it makes the other one, and teardown leaves it and its lid alone."""
    cloud.there["a"] = {"Size": 7, "Tags": {}}
    cloud.there["lid"] = {"Closed": False}
    box = Box("a", TAGS)
    resources = [box, Lid("lid", box)]
    with pytest.raises(NotOursError, match="a exists and is not this pipeline's"):
        final(reconcile.setup([Box("b", TAGS), *resources], aws))
    gone = final(reconcile.teardown(resources, aws))
    assert {event.action for event in gone.values()} == {Action.NONE}
    assert all(event.error for event in gone.values())
    assert (cloud.calls, set(cloud.there)) == ([], {"a", "lid"})
    assert reconcile.remaining(resources, aws) == ()


def test_tags_somebody_added_to_ours_stay(aws: Aws, cloud: Cloud) -> None:
    """A cost-allocation tag put on by hand is no drift."""
    final(reconcile.setup(tower(1), aws))
    cloud.there["a"]["Tags"] = {**cloud.there["a"]["Tags"], "cost": "42"}
    assert final(reconcile.setup(tower(1), aws))["a"].action is Action.NONE


def test_teardown_deletes_dependents_first_and_again_is_success(aws: Aws, cloud: Cloud) -> None:
    """Top of the tower first; a second teardown finds nothing."""
    final(reconcile.setup(tower(1, 2, 3), aws))
    cloud.calls.clear()
    final(reconcile.teardown(tower(1, 2, 3), aws))
    assert cloud.calls == ["delete c", "delete b", "delete a"]
    assert reconcile.remaining(tower(1, 2, 3), aws) == ()
    assert {event.action for event in final(reconcile.teardown(tower(1, 2, 3), aws)).values()} == {
        Action.NONE
    }


@pytest.mark.parametrize("crash_after", range(8))
def test_a_setup_that_dies_anywhere_is_finished_by_running_it_again(
    aws: Aws, cloud: Cloud, crash_after: int
) -> None:
    """Killed between any two calls, the next run converges to the same state."""
    cloud.crash_after = crash_after
    if crash_after < 6:  # three resources take two calls each
        with pytest.raises(SystemError):
            final(reconcile.setup(tower(1, 2, 3), aws))
    aws.interrupted.clear()
    cloud.crash_after = 10**9
    final(reconcile.setup(tower(1, 2, 3), aws))
    assert {event.action for event in final(reconcile.setup(tower(1, 2, 3), aws)).values()} == {
        Action.NONE
    }


def test_a_bug_in_a_resource_is_raised_not_reported(aws: Aws) -> None:
    """Only errors that imgpipe raises on purpose become events."""

    @dataclass(frozen=True)
    class Buggy(Box):
        def create(self, aws: Aws, desired: Properties) -> None:
            raise KeyError("oops")

    with pytest.raises(KeyError, match="oops"):
        final(reconcile.setup([Buggy("a", TAGS)], aws))
    assert aws.interrupted.is_set()


def test_an_attribute_that_is_not_known_yet_differs_from_every_text() -> None:
    """Unknown is a text for people, and never the live value."""
    box = Box("a", TAGS)
    assert isinstance(Live().attribute(box, "Arn"), Unknown)
    assert Live({box: {"Arn": "arn:a"}}).attribute(box, "Arn") == "arn:a"
