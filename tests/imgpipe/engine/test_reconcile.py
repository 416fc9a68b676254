"""The engine, on resources made for it: order, width, failure, ownership, convergence."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import ClassVar

import pytest

from imgpipe.aws.account import Aws
from imgpipe.engine import reconcile, standing
from imgpipe.engine.graph import Action, State, finals
from imgpipe.engine.resource import (
    Live,
    Properties,
    Unknown,
)
from imgpipe.errors import NotOursError, ServiceError
from tests.support.boxes import TAGS, Box, Cloud, Lid, final, tower


@pytest.fixture
def cloud() -> Cloud:
    """An empty cloud."""
    return Cloud()


@pytest.fixture
def aws(cloud: Cloud) -> Aws:
    """The same, as the engine sees it."""
    return cloud


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
    """A layer's new version has another Arn, so the function that uses it is updated as well."""

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
    """A box without our tag stops setup before it makes any; teardown leaves it and its lid."""
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
    assert standing.remaining(resources, aws) == {}


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
    assert standing.remaining(tower(1, 2, 3), aws) == {}
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
