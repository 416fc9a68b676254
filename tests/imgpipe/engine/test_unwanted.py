"""What was switched off: sought by one call, and taken away once what it served has let go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pytest

from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, State
from imgpipe.engine.resource import InseparablePart, Live, Properties, Resource
from imgpipe.errors import NotSettledError, ServiceError
from tests.support.boxes import TAGS, Box, Cloud, cloud, final

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

OPTIONAL = {"ground", "keys", "behind", "seam", "edge"}


@dataclass(frozen=True)
class Front(Box):
    """What visitors see: it stays, and lets go of what is switched off behind it."""

    def let_go(self, aws: Aws, live: Properties) -> None:
        if "front" in cloud(aws).broken:
            raise NotSettledError("the edges take their time")
        cloud(aws).calls.append("let go")


@dataclass(frozen=True)
class Seam(InseparablePart):
    """A part of a box that goes with it."""

    type: ClassVar[str] = "Test::Seam"
    title: ClassVar[str] = "seam"
    box: Box

    @property
    def owner(self) -> Resource:
        return self.box

    def properties(self, live: Live) -> Properties:
        return {"Sewn": True}

    def read(self, aws: Aws) -> Properties | None:
        there = cloud(aws).there
        return there.get(self.name) if self.box.name in there else None

    def create(self, aws: Aws, desired: Properties) -> None:
        cloud(aws).write(f"create {self.name}")
        cloud(aws).there[self.name] = dict(desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        raise AssertionError


def declared(*, on: bool) -> list[Resource]:
    """What stands without it, and five that can be switched off: each kind of dependency."""
    base = Box("base", TAGS)
    ground = Box("ground", TAGS, needs=base, wanted=on)
    keys = Box("keys", TAGS, wanted=on, after=ground)
    behind = Box("behind", TAGS, needs=ground, wanted=on)
    seam = Seam("seam", box=behind, wanted=on)
    edge = Box("edge", TAGS, needs=behind, also=keys, wanted=on)
    front = Front("front", TAGS, needs=edge, also=seam)
    return [base, front, ground, keys, behind, seam, edge, Box("after", TAGS, needs=front)]


@pytest.fixture
def aws() -> Cloud:
    """A cloud in which everything stands."""
    found = Cloud()
    final(reconcile.setup(declared(on=True), found))
    found.calls.clear()
    found.asked.clear()
    return found


def test_it_goes_from_its_top_to_its_ground_once_the_front_has_let_go(aws: Cloud) -> None:
    """And all that is said before; what stays is changed as ever."""
    planned = final(reconcile.plan(declared(on=False), aws))
    assert {name for name, each in planned.items() if each.action is Action.DELETE} == OPTIONAL
    assert planned["front"].action is Action.UPDATE
    assert aws.calls == []
    done = final(reconcile.setup(declared(on=False), aws))
    assert {name: each.action for name, each in done.items()} == {
        name: each.action for name, each in planned.items()
    }
    order = [call for call in aws.calls if call != "let go"]
    assert order[0] == "update front Below"
    assert order[1:3] in (["delete edge", "delete keys"], ["delete edge", "delete behind"])
    assert set(order[1:]) == {f"delete {name}" for name in OPTIONAL - {"seam"}}
    assert order[-1] == "delete ground"
    assert aws.calls.index("let go") < aws.calls.index("delete edge")
    assert set(aws.there) - {"seam"} == {"base", "front", "after"}


def test_where_its_ground_is_not_there_nobody_asks_for_the_rest(aws: Cloud) -> None:
    """So that a setup is as quick as if it could not be switched on."""
    final(reconcile.setup(declared(on=False), aws))
    aws.calls.clear()
    aws.asked.clear()
    again = final(reconcile.setup(declared(on=False), aws))
    assert {each.action for each in again.values()} == {Action.NONE}
    assert sorted(aws.asked) == ["after", "base", "front", "ground"]
    assert aws.calls == []


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("calls", range(14))
def test_a_setup_that_dies_on_its_way_is_finished_by_one_that_switches_it_off(
    aws: Cloud, calls: int, *, on: bool
) -> None:
    """Whether it was being made or taken away."""
    if on:
        aws.there.clear()
    aws.crash_after = calls
    try:
        final(reconcile.setup(declared(on=on), aws))
    except SystemError:
        aws.interrupted.clear()
    aws.crash_after = 10**9
    final(reconcile.setup(declared(on=False), aws))
    assert set(aws.there) - {"seam"} == {"base", "front", "after"}


def test_where_the_front_does_not_let_go_all_of_it_stays(aws: Cloud) -> None:
    """Visitors may still be led there; the next setup goes on."""
    aws.broken = frozenset({"front"})
    done = final(reconcile.setup(declared(on=False), aws))
    assert isinstance(done["edge"].error, NotSettledError)
    assert {name for name, each in done.items() if each.state is State.BLOCKED} >= {"ground"}
    assert set(aws.there) >= OPTIONAL


def test_what_stands_under_its_names_and_is_somebody_elses_stays(aws: Cloud) -> None:
    """Nobody asked for these names, so nobody is stopped by them."""
    final(reconcile.setup(declared(on=False), aws))
    for name in ("ground", "behind"):
        aws.there[name] = {"Size": 7, "Tags": {}}
    before = dict(aws.there)
    done = final(reconcile.setup(declared(on=False), aws))
    assert {each.action for each in done.values()} == {Action.NONE}
    assert aws.there == before


def test_what_cannot_be_looked_for_stops_a_setup_before_it_changes_anything(aws: Cloud) -> None:
    """For another reason than a missing right."""
    aws.hidden = frozenset({"ground"})
    with pytest.raises(ServiceError, match="ground is hidden"):
        final(reconcile.setup(declared(on=False), aws))
    assert aws.calls == []
