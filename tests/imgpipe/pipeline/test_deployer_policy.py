"""The policy of who runs imgpipe: of every command something, and no wider than IAM allows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.delivery_settings import DeliverySettings
from imgpipe.aws.actions import MOST_CHARACTERS, UNSCOPED, part, parts, size
from imgpipe.cli import deployer_policy as cli
from imgpipe.cli._commands import COMMANDS, Panel
from imgpipe.errors import SettingsError
from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.deployer_policy import COMMANDS as NEEDS
from imgpipe.pipeline.deployer_policy import Purpose, policy
from imgpipe.resources.permissions import permissions
from imgpipe.settings import Settings
from tests.support.iam_actions import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgpipe.aws.account import Aws

BOUNDARY: Final = "arn:aws:iam::123456789012:policy/Bound"
WITHOUT_AN_ACCOUNT: Final = {
    "preview",
    "demo",
    "deployer-policy",
    "config init",
    "config show",
    "config set",
}
"""The commands that ask AWS for nothing, or for no more than whose account it is."""


@pytest.fixture
def pipeline(aws: Aws) -> Pipeline:
    """The default pipeline; nothing of it need be there."""
    return Pipeline.of(Settings(), aws)


def with_settings(pipeline: Pipeline, **changes: Any) -> Pipeline:
    """The pipeline under other settings."""
    return Pipeline.of(replace(pipeline.settings, **changes), pipeline.aws)


def statements(pipeline: Pipeline, *purposes: Purpose) -> Iterator[tuple[str, list[str], Any]]:
    """Yield each action, what it is narrowed to, and its condition."""
    for statement in policy(pipeline, purposes)["Statement"]:
        for action in listed(statement["Action"]):
            yield action, listed(statement["Resource"]), statement.get("Condition")


def listed(value: Any) -> list[Any]:
    """A list of one may be written as its element."""
    return value if isinstance(value, list) else [value]


def actions(pipeline: Pipeline, *purposes: Purpose) -> set[str]:
    """All that a policy allows."""
    return {action for action, _, _ in statements(pipeline, *purposes)}


def conditions(pipeline: Pipeline, action: str) -> list[Any]:
    """The conditions on which a policy allows an action."""
    return [found for each, _, found in statements(pipeline) if each == action]


def test_every_command_says_what_it_needs() -> None:
    """A new one fails here until it stands in the table of the policy."""
    speaking = {row.name for row in COMMANDS if row.panel is not Panel.LOCAL} - WITHOUT_AN_ACCOUNT
    assert speaking == set(NEEDS)


def test_the_command_line_has_every_purpose() -> None:
    """It cannot load the core to ask which there are."""
    assert {each.value for each in cli.Purpose} == {each.value for each in Purpose}


def test_the_whole_is_the_union_of_its_purposes(pipeline: Pipeline) -> None:
    """And each of them is less."""
    parts = [actions(pipeline, each) for each in Purpose]
    assert set().union(*parts) == actions(pipeline)
    assert all(part < actions(pipeline) for part in parts)


def test_every_action_is_one_of_iams(pipeline: Pipeline) -> None:
    """A misspelled one would be allowed to nobody, and nothing would say so."""
    assert [each for each in actions(pipeline) if not known(each)] == []


def test_what_can_be_narrowed_is(pipeline: Pipeline) -> None:
    """To this account at least, and to one thing of it but for ids that AWS chooses."""
    chosen_by_aws = (
        "distribution/*",
        "origin-access-control/*",
        "key-value-store/*",
        "event-source-mapping:*",
        ":job/*",
    )
    named = {value for value in vars(pipeline.names).values() if value}
    for action, arns, _ in statements(pipeline):
        for arn in arns:
            assert (arn == "*") == (action in UNSCOPED)
            ours = arn == "*" or arn.endswith(chosen_by_aws) or any(each in arn for each in named)
            assert ours, (action, arn)


def test_who_inspects_changes_nothing(pipeline: Pipeline) -> None:
    """But that failures it looks at are hidden for a moment, and the function is started."""
    reads = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "Filter")
    told = {"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "lambda:InvokeFunction"}
    found = actions(pipeline, Purpose.INSPECT)
    assert {each for each in found if not each.split(":")[1].startswith(reads)} == told


def test_roles_are_passed_to_lambda_alone(pipeline: Pipeline) -> None:
    """Else whoever may pass a role could become it by another service; jobs have their own."""
    services = {
        json.dumps(condition): arns
        for action, arns, condition in statements(pipeline)
        if action == "iam:PassRole"
    }
    to = {"lambda.amazonaws.com": False, "batchoperations.s3.amazonaws.com": True}
    assert {
        json.dumps({"StringEquals": {"iam:PassedToService": service}}) for service in to
    } == set(services)
    for condition, arns in services.items():
        of_jobs = "batchoperations" in condition
        assert {arn.endswith(f"/{pipeline.names.jobs_role}") for arn in arns} == {of_jobs}


def test_who_uploads_makes_no_role(pipeline: Pipeline) -> None:
    """What jobs stand on is made by who may set up; then others begin jobs."""
    allowed = actions(pipeline, Purpose.UPLOAD)
    assert {"s3:CreateJob", "s3:ListJobs", "iam:PassRole", "iam:GetRole"} <= allowed
    assert not {"iam:CreateRole", "iam:PutRolePolicy", "s3:CreateBucket"} & allowed


@pytest.mark.parametrize(
    "action", ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"]
)
def test_with_a_boundary_none_but_bounded_roles_are_made(pipeline: Pipeline, action: str) -> None:
    """Who runs imgpipe cannot give a role more than the boundary."""
    bounded = with_settings(pipeline, permissions_boundary=BOUNDARY)
    wanted = {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}}
    assert conditions(bounded, action) == [wanted]
    assert wanted not in conditions(pipeline, action)


def test_roles_are_looked_for_on_their_path(pipeline: Pipeline) -> None:
    """Which is part of their ARN."""
    arns = {
        arn
        for action, found, _ in statements(with_settings(pipeline, role_path="/teams/photo/"))
        if action in {"iam:CreateRole", "iam:PassRole"}
        for arn in found
    }
    assert arns
    assert all(":role/teams/photo/" in arn for arn in arns)


def test_a_role_of_ones_own_is_passed_and_not_made(pipeline: Pipeline) -> None:
    """By its very ARN."""
    arn = "arn:aws:iam::123456789012:role/x/Own"
    given = with_settings(pipeline, role_arn=arn)
    found = {action: arns for action, arns, _ in statements(given, Purpose.SETUP)}
    assert found["iam:PassRole"] == [arn]
    assert "iam:CreateRole" not in found


def test_only_a_bucket_that_is_adopted_is_given_back(pipeline: Pipeline) -> None:
    """A teardown of others deletes them, and changes none of their settings."""
    adopting = with_settings(pipeline, source_bucket="theirs", adopt=("theirs",))
    assert "s3:PutBucketTagging" not in actions(pipeline, Purpose.TEARDOWN)
    assert "s3:PutBucketTagging" in actions(adopting, Purpose.TEARDOWN)


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.SETUP}))
def test_each_purpose_fits_into_a_managed_policy(pipeline: Pipeline, purpose: Purpose) -> None:
    """With a long stage as well. A setup's takes two: it may take away what was switched off."""
    for stage in ("default", "s" * 12):
        assert size(policy(with_settings(pipeline, stage=stage), [purpose])) <= MOST_CHARACTERS


@pytest.mark.parametrize("signing", [True, False])
@pytest.mark.parametrize("purpose", [Purpose.SETUP, Purpose.TEARDOWN])
def test_what_was_switched_off_may_be_found_and_taken_away(
    pipeline: Pipeline, purpose: Purpose, signing: bool
) -> None:
    """By a policy printed after that: nothing in it says that it was ever on."""
    on = DeliverySettings(enabled=True, signing=signing)
    allowed = set(_narrowed(pipeline, purpose))
    off = {(each.type, each.name) for each in declared(pipeline)}
    wanted = declared(with_settings(pipeline, delivery=on))
    made = [each for each in wanted if each.wanted and (each.type, each.name) not in off]
    # Parts go with their owner, and are not looked for.
    made = [each for each in made if each.owner == each]
    assert len(made) >= 4
    for resource in made:
        of = permissions(resource)
        for grant in (*of.read, *of.delete):
            assert all((grant.action, arn) in allowed for arn in grant.arns(pipeline.aws)), grant


def test_what_was_never_on_may_not_be_made(pipeline: Pipeline) -> None:
    """Found and deleted is all."""
    found = dict(_narrowed(pipeline, Purpose.SETUP))
    assert "lambda:CreateFunctionUrlConfig" not in found
    assert "cloudfront:CreateFunction" not in found


def _narrowed(pipeline: Pipeline, purpose: Purpose) -> Iterator[tuple[str, str]]:
    for action, arns, _ in statements(pipeline, purpose):
        yield from ((action, arn) for arn in arns)


@pytest.mark.parametrize("changes", [{}, {"domain": "images.example.com"}, {"stage": "s" * 16}])
def test_the_parts_are_the_whole(pipeline: Pipeline, changes: dict[str, Any]) -> None:
    """Each fits into a managed policy, and none says what another says."""
    whole = policy(with_settings(pipeline, **changes))
    numbers = range(1, len(parts(whole)) + 1)
    found = [part(whole, number) for number in numbers]
    assert [each for one in found for each in one["Statement"]] == whole["Statement"]
    assert max(map(size, found)) <= MOST_CHARACTERS
    assert {each["Version"] for each in found} == {whole["Version"]}
    assert len(found) > 1


def test_a_policy_that_fits_is_one_part(pipeline: Pipeline) -> None:
    """Which is all of it."""
    whole = policy(pipeline, [Purpose.INSPECT])
    assert parts(whole) == [whole] == [part(whole, 1)] == [part(whole, None)]
    with pytest.raises(SettingsError, match="no part 2: the policy has 1"):
        part(whole, 2)


def test_the_domain_so_far_may_be_left(pipeline: Pipeline) -> None:
    """By who sets up alone: its records may be changed, in any spelling, and no other's."""
    named = with_settings(pipeline, domain="new.example.com")
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    wanted = {"ForAllValues:StringEquals": {key: "old.example.com"}}
    with_former = policy(named, [Purpose.SETUP], "OLD.example.com.")
    assert [
        each["Action"] for each in with_former["Statement"] if each.get("Condition") == wanted
    ] == ["route53:ChangeResourceRecordSets"]
    assert policy(named, [Purpose.UPLOAD], "old.example.com") == policy(named, [Purpose.UPLOAD])


@pytest.mark.parametrize("name", ["*", "*.example.com", "example", "1.2.3.4", "a b.com"])
def test_what_is_no_domain_is_no_former_one(pipeline: Pipeline, name: str) -> None:
    """A pattern would let records of any name be changed."""
    with pytest.raises(SettingsError, match="no domain name"):
        policy(pipeline, [Purpose.SETUP], name)


def test_size_counts_as_iam_does() -> None:
    """Without white space."""
    assert size({"Version": "2012-10-17", "Statement": []}) == len(
        json.dumps({"Version": "2012-10-17", "Statement": []}, separators=(",", ":"))
    )


def test_of_a_zone_only_the_domains_records_may_be_changed(pipeline: Pipeline) -> None:
    """Its own, and the one for its certificate; without a domain nothing of ACM or Route 53."""
    named = with_settings(pipeline, domain="images.example.com")
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    assert conditions(named, "route53:ChangeResourceRecordSets") == [
        {"ForAllValues:StringEquals": {key: "images.example.com"}},
        {"ForAllValues:StringLike": {key: "_*.images.example.com"}},
    ]
    assert conditions(named, "acm:RequestCertificate") == [
        {"ForAllValues:StringEquals": {"acm:DomainNames": "images.example.com"}}
    ]
    assert not {each for each in actions(pipeline) if each.startswith(("acm:", "route53:"))}


def test_a_certificate_of_ones_own_is_only_looked_at(pipeline: Pipeline) -> None:
    """By who sets up and who looks; the right to delete is to those that setup requested."""
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    given = with_settings(pipeline, domain="images.example.com", certificate_arn=arn)
    for purpose in (Purpose.SETUP, Purpose.INSPECT):
        assert "acm:DescribeCertificate" in actions(given, purpose)
    assert "acm:RequestCertificate" not in actions(given)
