"""The alias: what it serves, what is kept for a rollback, and what is nobody's to delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from imgpipe.resources.alias import Alias, is_rolled_back, point, rolled_back
from imgpipe.resources.version import MARK
from tests.support import functions
from tests.support.functions import ALIAS, NAME, PartOf
from tests.support.stand_ins import Given, create, drift, update

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Properties
    from tests.support.account import Calls, Faults, Sent

SELF_TEST = Given("self-test")


def alias_of(version: str) -> Alias:
    """The alias as it should be while this version is the newest."""
    newest = PartOf(NAME, (("Version", version),))
    return Alias(ALIAS, version=newest, self_test=SELF_TEST)


@pytest.fixture(autouse=True)
def function(aws: Aws, calls: Calls) -> None:
    """A function with four versions: three of ours, one published by hand."""
    functions.make(aws)
    aws.client("lambda").delete_alias(FunctionName=NAME, Name=ALIAS)
    for number, description in ((2, f"{MARK}0.2"), (3, "by hand"), (4, f"{MARK}0.2")):
        publish(aws, number, description)
    calls.clear()


def publish(aws: Aws, memory: int, description: str) -> None:
    """Publish another version."""
    aws.client("lambda").update_function_configuration(
        FunctionName=NAME, MemorySize=128 + memory, Description=description
    )
    aws.client("lambda").publish_version(FunctionName=NAME, Description=description)


def live(aws: Aws) -> Properties:
    """Where it points."""
    return alias_of("4").read(aws) or {}


def numbers(aws: Aws) -> list[str]:
    """What is published."""
    listed = aws.client("lambda").list_versions_by_function(FunctionName=NAME)["Versions"]
    return [each["Version"] for each in listed if each["Version"] != "$LATEST"]


def test_it_points_at_the_version_that_was_tested(aws: Aws) -> None:
    """And has an ARN of its own, which outlives every version."""
    create(aws, alias_of("2"))
    assert live(aws)["FunctionVersion"] == "2"
    assert live(aws)["AliasArn"] == f"{functions.ARN}:{ALIAS}"
    assert not drift(aws, alias_of("2"))


def test_the_version_before_is_kept_and_older_ones_of_ours_go(aws: Aws) -> None:
    """What somebody published by hand stays."""
    create(aws, alias_of("2"))
    publish(aws, 5, f"{MARK}0.2")
    assert update(aws, alias_of("5")) == {"FunctionVersion"}
    assert numbers(aws) == ["1", "2", "3", "5"]


def test_a_version_that_failed_its_test_is_neither_kept_nor_the_one_before(aws: Aws) -> None:
    """The alias never pointed at it: 2 serves, 4 failed, 5 is good."""
    create(aws, alias_of("2"))
    publish(aws, 5, f"{MARK}0.2")
    update(aws, alias_of("5"))
    assert "4" not in numbers(aws)
    assert "2" in numbers(aws)


def test_nothing_is_deleted_while_the_version_stays(aws: Aws, calls: Calls) -> None:
    """A description put back is no new version."""
    create(aws, alias_of("4"))
    aws.client("lambda").update_alias(FunctionName=NAME, Name=ALIAS, Description="by hand")
    calls.clear()
    assert update(aws, alias_of("4")) == {"Description"}
    assert calls.mutating == ["UpdateAlias"]


def test_a_version_that_an_alias_of_somebodys_points_at_stays(
    aws: Aws, faults: Faults, calls: Calls
) -> None:
    """Lambda refuses to delete it, at once and for good."""
    create(aws, alias_of("1"))
    calls.clear()
    refusal = "Unable to delete version because the following aliases reference it: [theirs]"
    faults.fail("DeleteFunction", "ResourceConflictException", refusal, status=409)
    update(aws, alias_of("4"))
    assert calls.mutating == ["UpdateAlias", "DeleteFunction"]
    assert live(aws)["FunctionVersion"] == "4"
    assert "2" in numbers(aws)


def test_another_refusal_is_told(aws: Aws, faults: Faults) -> None:
    """Such as a permission that is missing."""
    create(aws, alias_of("1"))
    faults.fail("DeleteFunction", "AccessDeniedException", "not authorized", status=403)
    with pytest.raises(ClientError, match="not authorized"):
        update(aws, alias_of("4"))


def test_a_rollback_is_told_from_everything_else(aws: Aws) -> None:
    """By what the alias says of itself; a setup takes it back, and keeps what served."""
    create(aws, alias_of("4"))
    assert not is_rolled_back(live(aws))
    point(aws, NAME, ALIAS, rolled_back("4", "2"))
    assert is_rolled_back(live(aws))
    assert update(aws, alias_of("4")) == {"Description", "FunctionVersion"}
    assert not is_rolled_back(live(aws))
    assert {"2", "4"} <= set(numbers(aws))


def test_all_of_the_traffic_goes_to_one_version(aws: Aws, sent: Sent) -> None:
    """Weights that somebody set by hand are taken away."""
    create(aws, alias_of("4"))
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    aws.client("lambda").update_alias(FunctionName=NAME, Name=ALIAS, RoutingConfig=weights)
    assert update(aws, alias_of("4")) == {"RoutingConfig"}
    assert sent.of("UpdateAlias")[-1]["RoutingConfig"] == {}
    assert not drift(aws, alias_of("4"))
