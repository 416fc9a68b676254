"""The distribution: found again without knowing its id, and the long way to its end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from imgpipe.aws.distributions import wait_deployed
from imgpipe.engine.resource import OWNER_TAG, Properties
from imgpipe.errors import NotOursError, NotSettledError, ServiceError
from imgpipe.resources.distribution import Distribution
from tests.support.stand_ins import Given, create, desired, drift, update

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Faults, Sent

BUCKET = Given("pictures", (("RegionalDomainName", "pictures.s3.eu-west-1.amazonaws.com"),))
CONTROL = Given("imgpipe-default-eu-west-1", (("Id", "E1CONTROL"),))


@pytest.fixture
def distribution(tags: tuple[tuple[str, str], ...]) -> Distribution:
    """A distribution not yet created."""
    return Distribution(
        "imgpipe default eu-west-1", tags, origin=BUCKET, origin_access_control=CONTROL
    )


def found(aws: Aws, distribution: Distribution) -> Properties:
    """What is there; it must be."""
    live = distribution.read(aws)
    assert live is not None
    return live


def test_create_makes_what_is_desired_in_one_call(
    aws: Aws, distribution: Distribution, calls: Calls
) -> None:
    """Tags and all, so that a crash right after it loses nothing."""
    create(aws, distribution)
    assert calls.mutating == ["CreateDistributionWithTags"]
    assert drift(aws, distribution) == frozenset()
    assert distribution.owned(found(aws, distribution))


def test_the_reference_is_the_same_each_time_and_anothers_in_another_life(
    aws: Aws, distribution: Distribution, sent: Sent
) -> None:
    """A call sent twice makes one distribution; a new access control leads to a new reference."""
    for each in (
        distribution,
        distribution,
        replace(distribution, origin_access_control=Given("c", (("Id", "E2OTHER"),))),
    ):
        create(aws, each)
    references = [
        call["DistributionConfigWithTags"]["DistributionConfig"]["CallerReference"]
        for call in sent.of("CreateDistributionWithTags")
    ]
    assert references[0] == references[1] != references[2]


def test_one_that_exists_already_is_the_one(aws: Aws, distribution: Distribution) -> None:
    """An answer that got lost does not end in an error: the distribution it spoke of is found."""
    create(aws, distribution)
    identifier = found(aws, distribution)["Id"]
    create(aws, distribution)
    assert found(aws, distribution)["Id"] == identifier


def test_a_distribution_with_our_comment_but_not_our_tag_is_not_ours(
    aws: Aws, distribution: Distribution
) -> None:
    """Comments are no names: two may have the same, and only the tagged one is taken."""
    create(aws, replace(distribution, tags=((OWNER_TAG, "theirs"),)))
    assert distribution.read(aws) is None
    other = replace(distribution, origin_access_control=Given("c", (("Id", "E2OTHER"),)))
    create(aws, other)
    assert found(aws, other)["Tags"][OWNER_TAG] == "default"


def test_update_keeps_what_somebody_added(
    aws: Aws, distribution: Distribution, calls: Calls
) -> None:
    """A changed setting of ours is put back; an alias of theirs stays."""
    create(aws, distribution)
    cloudfront, identifier = aws.client("cloudfront"), found(aws, distribution)["Id"]
    answer = cloudfront.get_distribution_config(Id=identifier)
    theirs = {
        **answer["DistributionConfig"],
        "Aliases": {"Quantity": 1, "Items": ["photos.example.org"]},
        "DefaultRootObject": "other.html",
    }
    cloudfront.update_distribution(Id=identifier, IfMatch=answer["ETag"], DistributionConfig=theirs)
    calls.clear()
    assert update(aws, distribution) == {"DefaultRootObject"}
    assert calls.mutating == ["UpdateDistribution"]
    config = cloudfront.get_distribution_config(Id=identifier)["DistributionConfig"]
    assert config["DefaultRootObject"] == "index.html"
    assert config["Aliases"]["Items"] == ["photos.example.org"]


def test_an_update_overtaken_by_anothers_looks_again(
    aws: Aws, distribution: Distribution, faults: Faults, sent: Sent
) -> None:
    """PreconditionFailed means an old ETag: the configuration is read and merged afresh."""
    create(aws, distribution)
    identifier = found(aws, distribution)["Id"]
    faults.fail("UpdateDistribution", "PreconditionFailed", status=412)
    distribution.update(aws, desired(aws, distribution), frozenset({"HttpVersion"}))
    assert len(sent.of("UpdateDistribution")) == 2
    assert len(sent.of("GetDistributionConfig")) == 2
    assert found(aws, distribution)["Id"] == identifier


def test_delete_disables_waits_and_deletes(
    aws: Aws, distribution: Distribution, calls: Calls, clock: Clock, faults: Faults
) -> None:
    """An enabled distribution is refused; once every edge knows it is disabled, it goes."""
    create(aws, distribution)
    live = found(aws, distribution)
    calls.clear()
    faults.answer("GetDistribution", {"Distribution": {"Status": "InProgress"}}, times=20)
    distribution.delete(aws, live)
    assert calls.mutating == ["UpdateDistribution", "DeleteDistribution"]
    assert 200 <= clock() <= 300
    assert distribution.read(aws) is None


def test_delete_goes_on_where_it_was_interrupted(
    aws: Aws, distribution: Distribution, calls: Calls, faults: Faults
) -> None:
    """Ctrl-C while the edges are told loses nothing: it is not disabled a second time."""
    create(aws, distribution)
    live = found(aws, distribution)
    aws.interrupted.set()
    faults.answer("GetDistribution", {"Distribution": {"Status": "InProgress"}})
    with pytest.raises(KeyboardInterrupt):
        distribution.delete(aws, live)
    aws.interrupted.clear()
    calls.clear()
    distribution.delete(aws, found(aws, distribution))
    assert calls.mutating == ["DeleteDistribution"]
    assert distribution.read(aws) is None


def test_edges_that_disagree_are_asked_again_with_a_fresh_etag(
    aws: Aws, distribution: Distribution, calls: Calls, sent: Sent, faults: Faults
) -> None:
    """For a minute after Deployed, CloudFront may still call it enabled, or the ETag old."""
    create(aws, distribution)
    live = found(aws, distribution)
    faults.fail("DeleteDistribution", "DistributionNotDisabled", status=409)
    faults.fail("DeleteDistribution", "PreconditionFailed", status=412)
    calls.clear()
    distribution.delete(aws, live)
    assert calls.mutating == ["UpdateDistribution", *["DeleteDistribution"] * 3]
    asked = calls[calls.index("UpdateDistribution") + 1 :]
    assert [name for name in asked if "Config" in name or "Delete" in name] == [
        "GetDistributionConfig",
        "DeleteDistribution",
    ] * 3
    assert all(call["IfMatch"] for call in sent.of("DeleteDistribution"))


@pytest.mark.parametrize(
    "operation",
    ["GetDistributionConfig", "UpdateDistribution", "GetDistribution", "DeleteDistribution"],
)
def test_one_deleted_meanwhile_is_success(
    aws: Aws, distribution: Distribution, faults: Faults, operation: str
) -> None:
    """Somebody else may finish it at any of the steps."""
    create(aws, distribution)
    live = found(aws, distribution)
    faults.fail(operation, "NoSuchDistribution", status=404)
    distribution.delete(aws, live)


def test_deployment_is_waited_for_half_an_hour_at_most(
    aws: Aws, clock: Clock, faults: Faults
) -> None:
    """Then it says so, and that the next run goes on."""
    faults.answer("GetDistribution", {"Distribution": {"Status": "InProgress"}}, times=1000)
    with pytest.raises(NotSettledError) as raised:
        wait_deployed(aws, "E1")
    assert 1800 <= clock() < 1900
    assert "again" in raised.value.hint


def test_it_lets_go_once_no_edge_asks_the_old_way(
    aws: Aws, clock: Clock, faults: Faults, distribution: Distribution
) -> None:
    """Until then some would ask a function that is gone."""
    faults.answer("GetDistribution", {"Distribution": {"Status": "InProgress"}}, times=20)
    faults.answer("GetDistribution", {"Distribution": {"Status": "Deployed"}})
    distribution.let_go(aws, {"Id": "E1"})
    assert len(clock.naps) == 20


def test_deployment_is_looked_at_before_anybody_sleeps(
    aws: Aws, clock: Clock, faults: Faults
) -> None:
    """One that is deployed costs one call and no time."""
    faults.answer("GetDistribution", {"Distribution": {"Status": "Deployed"}})
    wait_deployed(aws, "E1")
    assert clock() == 0


def test_absent_reads_none_also_when_it_goes_while_it_is_read(
    aws: Aws, distribution: Distribution, faults: Faults
) -> None:
    """Listed, but gone when it is asked for."""
    assert distribution.read(aws) is None
    create(aws, distribution)
    faults.fail("GetDistribution", "NoSuchDistribution", status=404)
    assert distribution.read(aws) is None


TAKEN = "The caller reference is associated with another distribution. Already exists: {}"


def refuse_reference(faults: Faults, identifier: str) -> None:
    """Answer the next creation as AWS does when its caller reference was used before."""
    message = TAKEN.format(identifier)
    faults.fail("CreateDistributionWithTags", "DistributionAlreadyExists", message, status=409)


def test_the_reference_of_one_that_is_gone_is_not_used_again(
    aws: Aws, distribution: Distribution, faults: Faults, sent: Sent, clock: Clock
) -> None:
    """Deleted by hand, and AWS remembers its reference: another one makes it again, at once."""
    refuse_reference(faults, "E1OLDANDGONE")
    create(aws, distribution)
    assert found(aws, distribution)
    calls = sent.of("CreateDistributionWithTags")
    references = [
        each["DistributionConfigWithTags"]["DistributionConfig"]["CallerReference"]
        for each in calls
    ]
    assert references[1].startswith(references[0])
    assert references[0] != references[1]
    assert clock() == 0


def test_the_reference_of_one_that_lost_its_tag_is_a_clear_error(
    aws: Aws, distribution: Distribution, faults: Faults
) -> None:
    """It stands, so another one beside it would be wrong; the person may tag it again."""
    create(aws, distribution)
    live = found(aws, distribution)
    aws.client("cloudfront").untag_resource(Resource=live["Arn"], TagKeys={"Items": [OWNER_TAG]})
    refuse_reference(faults, live["Id"])
    with pytest.raises(NotOursError, match=f"distribution {live['Id']} was made by an earlier"):
        create(aws, distribution)


PLAN = (
    "You can't delete this distribution while it's subscribed to a pricing plan. "
    "Cancel the pricing plan, then you can delete the distribution."
)


def test_a_refusal_for_a_pricing_plan_is_not_waited_out(
    aws: Aws, distribution: Distribution, faults: Faults, clock: Clock
) -> None:
    """It has the code of an outdated ETag, and stays until the plan's month is over."""
    create(aws, distribution)
    faults.fail("DeleteDistribution", "PreconditionFailed", PLAN, status=412)
    with pytest.raises(ClientError, match="pricing plan"):
        distribution.delete(aws, found(aws, distribution))
    assert clock() == 0


@pytest.mark.parametrize(
    ("covered", "refused"), [("the distribution", True), ("arn:aws:cloudfront::1:other", False)]
)
def test_a_pricing_plan_is_looked_for_before_anything_is_gone(
    aws: Aws, distribution: Distribution, faults: Faults, covered: str, refused: bool
) -> None:
    """Only where a web ACL is attached, as each plan needs one."""
    create(aws, distribution)
    live = found(aws, distribution)
    arn = live["Arn"] if covered == "the distribution" else covered
    faults.answer("ListSubscriptions", {"subscriptionSummaries": [{"resourceArns": [arn]}]})
    if not refused:
        distribution.check_deletable(aws, {**live, "WebACLId": "arn:acl"})
        return
    with pytest.raises(ServiceError, match="subscribed to a CloudFront pricing plan"):
        distribution.check_deletable(aws, {**live, "WebACLId": "arn:acl"})


def test_without_a_web_acl_nobody_is_asked_about_plans(
    aws: Aws, distribution: Distribution, calls: Calls
) -> None:
    """No further permission is needed by those who have no plan."""
    create(aws, distribution)
    live = found(aws, distribution)
    calls.clear()
    distribution.check_deletable(aws, live)
    assert calls == []
