"""The engine and what is not ours, what goes with its owner, and what AWS shows late."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import boto3
import pytest
from botocore.exceptions import ClientError

from imgpipe.aws.account import Aws
from imgpipe.engine import reconcile, standing
from imgpipe.engine.creation import bring_about
from imgpipe.engine.graph import Action, Event, State, finals
from imgpipe.engine.resource import (
    OWNER_TAG,
    InseparablePart,
    Live,
    Properties,
    Resource,
    TaggedResource,
)
from imgpipe.errors import NotOursError, ServiceError
from tests.support.account import Clock

TAGS = ((OWNER_TAG, "default"),)


class Cloud(dict[str, dict[str, Any]]):
    """What stands by name; ``calls`` are the changes, ``echoes`` reads that still see a name."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.echoes: dict[str, int] = {}


@dataclass(frozen=True)
class Tower(TaggedResource):
    """A resource on ``base``; ``base`` is created first and deleted last."""

    type: ClassVar[str] = "Test::Tower"
    title: ClassVar[str] = "tower"
    cloud: Cloud
    base: Resource | None = None
    size: int = 1

    def __hash__(self) -> int:
        return hash(self.name)

    def properties(self, live: Live) -> Properties:
        return {"Size": self.size, "Tags": dict(self.tags)}

    def read(self, aws: Aws) -> Properties | None:
        if self.cloud.echoes.get(self.name, 0) > 0:
            self.cloud.echoes[self.name] -= 1
            return {"Size": self.size, "Tags": dict(self.tags)}
        return self.cloud.get(self.name)

    def create(self, aws: Aws, desired: Properties) -> None:
        self.cloud.calls.append(f"create {self.name}")
        self.cloud[self.name] = dict(desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Replace it: its flag goes with the old one."""
        self.cloud.calls.append(f"replace {self.name}")
        self.cloud.pop(f"flag of {self.name}", None)
        self.cloud[self.name] = dict(desired)

    def delete(self, aws: Aws, live: Properties) -> None:
        self.cloud.calls.append(f"delete {self.name}")
        self.cloud.pop(self.name, None)
        self.cloud.pop(f"flag of {self.name}", None)


@dataclass(frozen=True)
class Flag(InseparablePart):
    """A part of ``tower``, gone with it; it may hang from a ``pole``."""

    type: ClassVar[str] = "Test::Flag"
    title: ClassVar[str] = "flag"
    tower: Tower
    pole: Tower | None = None

    @property
    def owner(self) -> Resource:
        return self.tower

    def properties(self, live: Live) -> Properties:
        return {"Up": True}

    def read(self, aws: Aws) -> Properties | None:
        return self.tower.cloud.get(self.name)

    def create(self, aws: Aws, desired: Properties) -> None:
        self.tower.cloud.calls.append(f"create {self.name}")
        self.tower.cloud[self.name] = dict(desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        raise AssertionError


@dataclass(frozen=True)
class Journal(Tower):
    """What AWS makes again by itself, as Lambda does with a log group."""

    revived: ClassVar[bool] = True

    def __hash__(self) -> int:
        return hash(self.name)


@pytest.fixture
def cloud() -> Cloud:
    """An empty cloud."""
    return Cloud()


@pytest.fixture
def clock() -> Clock:
    """Time that passes by sleeping."""
    return Clock()


@pytest.fixture
def aws(clock: Clock) -> Aws:
    """An account nobody calls."""
    return Aws(boto3.Session("a", "b", region_name="eu-west-1"), sleep=clock.sleep, clock=clock)


@pytest.fixture
def resources(cloud: Cloud) -> tuple[Tower, Tower, Flag]:
    """A base, a tower on it, and the tower's flag."""
    base = Tower("base", TAGS, cloud)
    tower = Tower("tower", TAGS, cloud, base)
    return base, tower, Flag("flag of tower", tower)


def ends(events: Any) -> dict[str, Event]:
    """The final events, by name."""
    return {event.resource.name: event for event in finals(events)}


def test_what_goes_with_its_owner_is_not_deleted_piece_by_piece(
    aws: Aws, cloud: Cloud, resources: tuple[Resource, ...]
) -> None:
    """No call for the flag; it counts as deleted once a read shows that it is gone."""
    list(reconcile.setup(resources, aws))
    cloud.calls.clear()
    done = ends(reconcile.teardown(resources, aws))
    assert cloud.calls == ["delete tower", "delete base"]
    assert {event.action for event in done.values()} == {Action.DELETE}
    assert list(done).index("tower") < list(done).index("flag of tower")


def test_what_depends_on_a_part_goes_before_the_parts_owner(
    aws: Aws, cloud: Cloud, resources: tuple[Tower, Tower, Flag]
) -> None:
    """The part goes when its owner goes, and whoever looks at it would look at nothing."""
    lookout = Tower("lookout", TAGS, cloud, resources[2])
    list(reconcile.setup((*resources, lookout), aws))
    cloud.calls.clear()
    list(reconcile.teardown((*resources, lookout), aws))
    assert cloud.calls == ["delete lookout", "delete tower", "delete base"]


def test_a_replaced_owner_gets_its_parts_again_in_the_same_run(
    aws: Aws, cloud: Cloud, resources: tuple[Tower, Tower, Flag]
) -> None:
    """The flag stood when the run began, and went with the old tower."""
    list(reconcile.setup(resources, aws))
    cloud["tower"]["Size"] = 9
    cloud.calls.clear()
    done = ends(reconcile.setup(resources, aws))
    assert cloud.calls == ["replace tower", "create flag of tower"]
    assert done["flag of tower"].action is Action.CREATE


def test_what_somebody_elses_stands_on_is_not_taken_away(
    aws: Aws, cloud: Cloud, resources: tuple[Resource, ...]
) -> None:
    """The tower lost its tag, so it and its flag are left alone, and the base below it stays."""
    list(reconcile.setup(resources, aws))
    cloud["tower"]["Tags"] = {}
    cloud.calls.clear()
    done = ends(reconcile.teardown(resources, aws))
    assert cloud.calls == []
    assert isinstance(done["tower"].error, NotOursError)
    assert isinstance(done["flag of tower"].error, NotOursError)
    assert done["base"].state is State.BLOCKED
    assert [each.name for each in standing.remaining(resources, aws)] == ["base"]


def test_what_a_part_of_somebody_elses_needs_is_not_taken_away_either(
    aws: Aws, cloud: Cloud, resources: tuple[Tower, Tower, Flag]
) -> None:
    """As the queue that a function's settings for failures name, once the function is not ours."""
    base, tower, flag = resources
    pole = Tower("pole", TAGS, cloud)
    all_of_them = (base, pole, tower, replace(flag, pole=pole))
    list(reconcile.setup(all_of_them, aws))
    cloud["tower"]["Tags"] = {}
    cloud.calls.clear()
    done = ends(reconcile.teardown(all_of_them, aws))
    assert cloud.calls == []
    assert isinstance(done["flag of tower"].error, NotOursError)
    assert done["pole"].state is State.BLOCKED


def test_what_stands_under_our_name_is_named_once(
    aws: Aws, cloud: Cloud, resources: tuple[Resource, ...]
) -> None:
    """By its owner: never counted as gone, and its parts are not repeated."""
    list(reconcile.setup(resources, aws))
    assert standing.foreign(resources, aws) == ()
    cloud["tower"]["Tags"] = {}
    (error,) = standing.foreign(resources, aws)
    assert "tower exists and is not this pipeline's" in error.message


def test_what_aws_revives_untagged_is_deleted_once_more(aws: Aws, cloud: Cloud) -> None:
    """It was ours when the teardown began; by its end it is back, without a tag."""

    @dataclass(frozen=True)
    class Reviving(Tower):
        def delete(self, aws: Aws, live: Properties) -> None:
            super().delete(aws, live)
            cloud.setdefault("journal", {"Size": 1, "Tags": {}})

        def __hash__(self) -> int:
            return hash(self.name)

    journal = Journal("journal", TAGS, cloud)
    base = Reviving("base", TAGS, cloud)
    resources = [base, Journal("journal", TAGS, cloud, base)]
    list(reconcile.setup(resources, aws))
    cloud.calls.clear()
    list(reconcile.teardown(resources, aws))
    assert cloud.calls == ["delete journal", "delete base", "delete journal"]
    assert journal.read(aws) is None


def test_somebody_elses_of_the_same_name_is_not_taken_for_revived(aws: Aws, cloud: Cloud) -> None:
    """It carries another stage's tag."""

    @dataclass(frozen=True)
    class Taken(Journal):
        def delete(self, aws: Aws, live: Properties) -> None:
            super().delete(aws, live)
            cloud[self.name] = {"Size": 1, "Tags": {OWNER_TAG: "blue"}}

        def __hash__(self) -> int:
            return hash(self.name)

    journal = Taken("journal", TAGS, cloud)
    list(reconcile.setup([journal], aws))
    cloud.calls.clear()
    list(reconcile.teardown([journal], aws))
    assert cloud.calls == ["delete journal"]


def test_the_proof_waits_for_late_echoes(
    aws: Aws, cloud: Cloud, clock: Clock, resources: tuple[Resource, ...]
) -> None:
    """IAM, SQS and S3 may show a deleted thing once more; after a minute it is no echo."""
    cloud.echoes["tower"] = 2
    assert standing.remaining_after_teardown(resources, aws) == {}
    assert 0 < clock() < 60
    cloud.echoes["tower"] = 1000
    assert [each.name for each in standing.remaining_after_teardown(resources, aws)] == ["tower"]


def test_what_cannot_be_deleted_is_said_before_anything_is_gone(aws: Aws, cloud: Cloud) -> None:
    """Asked of what is there and ours, and of nothing else."""

    @dataclass(frozen=True)
    class Protected(Tower):
        def check_deletable(self, aws: Aws, live: Properties) -> None:
            raise ServiceError(f"{self.name} is protected")

        def __hash__(self) -> int:
            return hash(self.name)

    resources = [Tower("base", TAGS, cloud), Protected("tower", TAGS, cloud)]
    standing.departures(resources, aws)
    list(reconcile.setup(resources, aws))
    with pytest.raises(ServiceError, match="tower is protected"):
        standing.departures(resources, aws)
    cloud["tower"]["Tags"] = {}
    standing.departures(resources, aws)


@dataclass(frozen=True)
class Hidden(Tower):
    """A tower whose creation AWS refuses since it is there, though reads do not show it yet."""

    hidden_reads: int = 0

    def __hash__(self) -> int:
        return hash(self.name)

    def create(self, aws: Aws, desired: Properties) -> None:
        raise ClientError({"Error": {"Code": "ResourceConflictException"}}, "CreateTower")

    def read(self, aws: Aws) -> Properties | None:
        self.cloud.calls.append("read")
        shown = len(self.cloud.calls) > self.hidden_reads
        return {"Size": self.size, "Tags": dict(self.tags)} if shown else None


def test_what_exists_and_does_not_show_yet_is_looked_for_again(aws: Aws, cloud: Cloud) -> None:
    """The creation is not sent a second time."""
    tower = Hidden("tower", TAGS, cloud, hidden_reads=3)
    bring_about(tower, aws, tower.properties(Live()))
    assert cloud.calls == ["read"] * 4


def test_what_exists_and_never_shows_is_given_up_on(aws: Aws, cloud: Cloud, clock: Clock) -> None:
    """After a minute, in AWS's own words."""
    tower = Hidden("tower", TAGS, cloud, hidden_reads=10**6)
    with pytest.raises(ClientError, match="CreateTower"):
        bring_about(tower, aws, tower.properties(Live()))
    assert 60 <= clock() < 65
