"""What a teardown may not take: the resources say it themselves, whatever a file says."""

from __future__ import annotations

from itertools import product

import pytest

from imgpipe.engine import reconcile, standing
from imgpipe.engine.graph import Action
from imgpipe.engine.resource import OWNER_TAG, PROTECT_TAG, RETAIN_TAG, Properties, Resource
from imgpipe.errors import ProtectedError
from tests.support.boxes import TAGS, Box, Cloud, Lid, final

TOWER = "abc"


@pytest.fixture
def cloud() -> Cloud:
    """A cloud with nothing in it."""
    return Cloud()


def stood(cloud: Cloud, *tags: tuple[str, str], on: str) -> list[Resource]:
    """Three boxes on each other and a lid on each, all of them there; ``on`` one also ``tags``."""
    boxes: list[Box] = []
    for name in TOWER:
        also = tags if name == on else ()
        boxes.append(Box(name, TAGS + also, needs=boxes[-1] if boxes else None))
    resources = [*boxes, *(Lid(f"lid of {box.name}", box) for box in boxes)]
    list(reconcile.setup(resources, cloud))
    cloud.calls.clear()
    return resources


@pytest.mark.parametrize("on", TOWER)
def test_one_protected_resource_protects_them_all(cloud: Cloud, on: str) -> None:
    """Whichever it is, and though these settings do not know of it."""
    stood(cloud, (PROTECT_TAG, "true"), on=on)
    unknowing = [Box(name, TAGS) for name in TOWER]
    for look in (standing.departures, reconcile.teardown):
        with pytest.raises(ProtectedError, match="stage 'default' is protected") as caught:
            list(look(unknowing, cloud))
        assert caught.value.next == ("setup --no-protect", "teardown")
    assert cloud.calls == []


@pytest.mark.parametrize("tags", [{PROTECT_TAG: "false"}, {PROTECT_TAG: "true", OWNER_TAG: "blue"}])
def test_neither_what_was_lifted_nor_somebody_elses_protects(
    cloud: Cloud, tags: dict[str, str]
) -> None:
    """Another stage's protection is its own."""
    resources = stood(cloud, on="a")
    cloud.there["c"]["Tags"].update(tags)
    assert final(reconcile.teardown(resources, cloud))["lid of b"].action is Action.DELETE


@pytest.mark.parametrize("on", TOWER)
def test_what_its_tag_keeps_stays_as_it_is_and_all_else_goes(cloud: Cloud, on: str) -> None:
    """Its parts go with what they serve; the dry look says the same beforehand."""
    resources = stood(cloud, (RETAIN_TAG, "true"), on=on)
    before = dict(cloud.there[on])
    planned = standing.departures(resources, cloud)
    done = final(reconcile.teardown(resources, cloud))
    assert {each.name: action for each, action in planned.items()} == {
        name: event.action for name, event in done.items()
    }
    assert [name for name, event in done.items() if event.action is Action.RETAIN] == [on]
    assert cloud.there == {on: before}
    left = standing.remaining_after_teardown(resources, cloud)
    assert {each.name: action for each, action in left.items()} == {on: Action.RETAIN}


@pytest.mark.parametrize(("told", "kept"), list(product((True, False), repeat=2)))
def test_what_the_caller_says_overrules_the_tag(cloud: Cloud, told: bool, kept: bool) -> None:
    """Both ways: a word given now is newer than a tag."""
    resources = stood(cloud, (RETAIN_TAG, str(told).lower()), on="b")

    def retained(resource: Resource, _: Properties) -> bool:
        return kept and resource.name == "b"

    list(reconcile.teardown(resources, cloud, retained))
    assert set(cloud.there) == ({"b"} if kept else set())


def test_a_teardown_that_keeps_something_makes_it_remember(cloud: Cloud) -> None:
    """It may break off, and be finished by a command that does not say so again."""
    resources = stood(cloud, on="a")
    cloud.crash_after = 2
    with pytest.raises(SystemError):
        list(reconcile.teardown(resources, cloud, lambda each, _: each.name == "b"))
    assert cloud.calls[0] == "update b Tags"
    cloud.crash_after = 100
    list(reconcile.teardown(resources, cloud))
    assert set(cloud.there) == {"b"}
    assert cloud.there["b"]["Tags"] == {OWNER_TAG: "default", RETAIN_TAG: "true"}


def test_a_kept_resource_is_taken_up_again_and_stays_told(cloud: Cloud) -> None:
    """A setup that does not speak of it changes nothing on it."""
    resources = stood(cloud, (RETAIN_TAG, "true"), on="a")
    list(reconcile.teardown(resources, cloud))
    cloud.calls.clear()
    unknowing = [Box("a", TAGS), Box("b", TAGS)]
    assert final(reconcile.setup(unknowing, cloud))["a"].action is Action.NONE
    assert cloud.there["a"]["Tags"][RETAIN_TAG] == "true"


def test_what_stays_need_not_be_deletable(cloud: Cloud) -> None:
    """AWS is asked only about what is to go."""

    class Locked(Box):
        def check_deletable(self, aws: object, live: Properties) -> None:
            raise AssertionError(f"{self.name} was asked")

    locked = Locked("a", (*TAGS, (RETAIN_TAG, "true")))
    list(reconcile.setup([locked], cloud))
    assert standing.departures([locked], cloud) == {locked: Action.RETAIN}
