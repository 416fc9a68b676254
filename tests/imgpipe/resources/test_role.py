"""Role: trusted by Lambda only, and allowed exactly what is desired."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from imgpipe.aws import policies
from imgpipe.engine.graph import Action
from imgpipe.engine.resource import OWNER_TAG, Live
from imgpipe.errors import NotOursError
from imgpipe.resources.role import POLICY_NAME, Role

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Engine, Faults

NAME = "LambdaImageProcessingRole-eu-west-1"
DOCUMENT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
)
EVERYBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
LEAST = policies.execution_policy(
    "arn:aws:s3:::s", "arn:aws:s3:::d", "arn:aws:dynamodb:t", "arn:aws:logs:l", "arn:aws:sqs:q"
)


@pytest.fixture
def role(tags: tuple[tuple[str, str], ...]) -> Role:
    """The role with the least privilege."""
    return Role(NAME, tags, policy=policies.canonical(LEAST))


@pytest.fixture
def managed(aws: Aws, role: Role) -> Role:
    """The same role with managed policies, and what they lack."""
    create = aws.client("iam").create_policy
    arns = tuple(
        create(PolicyName=name, PolicyDocument=DOCUMENT)["Policy"]["Arn"] for name in ("One", "Two")
    )
    return replace(
        role,
        policy=policies.canonical(policies.failures_policy("arn:aws:sqs:q")),
        managed_policies=arns,
    )


@pytest.fixture
def iam(aws: Aws) -> Any:
    """The client the tests look with."""
    return aws.client("iam")


def _attached(iam: Any) -> set[str]:
    return {
        each["PolicyArn"]
        for each in iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    }


def _inline(iam: Any) -> list[str]:
    return list(iam.list_role_policies(RoleName=NAME)["PolicyNames"])


def test_create_trusts_lambda_and_grants_the_one_policy(
    engine: Engine, role: Role, iam: Any
) -> None:
    """The role stands with its trust, its tags, one inline policy and nothing attached."""
    assert engine.setup(role).action is Action.CREATE
    found = iam.get_role(RoleName=NAME)["Role"]
    assert found["AssumeRolePolicyDocument"]["Statement"]["Principal"] == {
        "Service": "lambda.amazonaws.com"
    }
    assert {"Key": OWNER_TAG, "Value": "default"} in found["Tags"]
    assert _inline(iam) == [POLICY_NAME]
    document = iam.get_role_policy(RoleName=NAME, PolicyName=POLICY_NAME)["PolicyDocument"]
    assert policies.normalised(document) == policies.normalised(LEAST)
    assert _attached(iam) == set()


def test_second_setup_changes_nothing(engine: Engine, role: Role, managed: Role) -> None:
    """What was created reads back as it was desired, in either mode."""
    for each in (role, managed):
        engine.setup(each)
        again = engine.setup(each)
        assert (again.action, again.calls) == (Action.NONE, [])


def test_switching_to_managed_and_back_leaves_nothing_of_the_other(
    engine: Engine, role: Role, managed: Role, iam: Any
) -> None:
    """What is new is granted before what is old goes, so that the function works throughout."""
    engine.setup(role)
    there = engine.setup(managed)
    assert there.calls == ["AttachRolePolicy", "AttachRolePolicy", "PutRolePolicy"]
    assert _attached(iam) == set(managed.managed_policies)
    back = engine.setup(role)
    assert back.calls == ["PutRolePolicy", "DetachRolePolicy", "DetachRolePolicy"]
    assert _attached(iam) == set()


def test_permissions_added_by_hand_are_taken_back(
    engine: Engine, role: Role, managed: Role, iam: Any
) -> None:
    """Least privilege means no more than that: a foreign policy is a difference, inline or attached."""
    engine.setup(role)
    iam.put_role_policy(RoleName=NAME, PolicyName="More", PolicyDocument=DOCUMENT)
    iam.attach_role_policy(RoleName=NAME, PolicyArn=managed.managed_policies[0])
    again = engine.setup(role)
    assert again.changed == {"Policies", "ManagedPolicyArns"}
    assert (_inline(iam), _attached(iam)) == ([POLICY_NAME], set())


@pytest.mark.parametrize(
    ("drift", "call"),
    [
        (
            lambda iam: iam.update_assume_role_policy(RoleName=NAME, PolicyDocument=EVERYBODY),
            "UpdateAssumeRolePolicy",
        ),
        (
            lambda iam: iam.delete_role_policy(RoleName=NAME, PolicyName=POLICY_NAME),
            "PutRolePolicy",
        ),
        (lambda iam: iam.untag_role(RoleName=NAME, TagKeys=["team"]), "TagRole"),
    ],
    ids=["trust", "policy", "tag"],
)
def test_update_sets_only_what_drifted(
    engine: Engine, role: Role, iam: Any, drift: Any, call: str
) -> None:
    """A setting changed by hand is put back with one call."""
    engine.setup(role)
    drift(iam)
    again = engine.setup(role)
    assert (again.action, again.calls) == (Action.UPDATE, [call])
    assert engine.setup(role).action is Action.NONE


def test_a_creation_cut_short_is_finished(engine: Engine, role: Role, iam: Any) -> None:
    """After a crash between CreateRole and PutRolePolicy the next setup adds the policy alone."""
    iam.create_role(
        RoleName=NAME,
        AssumeRolePolicyDocument=policies.canonical(policies.trust_policy()),
        Tags=[{"Key": key, "Value": value} for key, value in role.tags],
    )
    assert engine.setup(role).calls == ["PutRolePolicy"]


def test_a_role_iam_does_not_find_yet_is_waited_for(
    engine: Engine, role: Role, faults: Faults, clock: Clock
) -> None:
    """IAM may not know a role it has just created."""
    faults.fail(
        "PutRolePolicy",
        "NoSuchEntity",
        f"The role with name {NAME} cannot be found.",
        status=404,
        times=3,
    )
    assert engine.setup(role).action is Action.CREATE
    assert len(clock.naps) == 3


def test_a_managed_policy_that_does_not_exist_is_no_reason_to_wait(
    aws: Aws, role: Role, clock: Clock
) -> None:
    """The same code, NoSuchEntity, for a mistake that stays one."""
    wrong = replace(role, managed_policies=("arn:aws:iam::123456789012:policy/Missing",))
    with pytest.raises(ClientError, match="Missing"):
        wrong.create(aws, wrong.properties(Live()))
    assert clock.naps == []


def test_delete_takes_all_that_hangs_on_it_along(engine: Engine, managed: Role, iam: Any) -> None:
    """Inline policies, attachments and instance profiles, ours or not, would keep the role."""
    engine.setup(managed)
    iam.put_role_policy(RoleName=NAME, PolicyName="More", PolicyDocument=DOCUMENT)
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=NAME)
    assert engine.teardown(managed).action is Action.DELETE
    assert iam.list_roles()["Roles"] == []
    assert iam.get_instance_profile(InstanceProfileName="profile")["InstanceProfile"]["Roles"] == []


def test_a_deletion_iam_is_not_ready_for_is_waited_for(
    engine: Engine, role: Role, faults: Faults, clock: Clock
) -> None:
    """DeleteConflict passes once IAM has seen that the policies are gone."""
    engine.setup(role)
    faults.fail("DeleteRole", "DeleteConflict", status=409, times=2)
    engine.teardown(role)
    assert len(clock.naps) == 2


def test_deleting_what_is_gone_is_success(aws: Aws, role: Role) -> None:
    """No role, no error."""
    assert role.read(aws) is None
    role.delete(aws, {})


def test_a_role_of_somebody_else_is_left_alone(engine: Engine, role: Role, iam: Any) -> None:
    """Same name, no tag of ours: neither changed nor deleted."""
    iam.create_role(RoleName=NAME, AssumeRolePolicyDocument="{}")
    for verb in (engine.setup, engine.teardown):
        with pytest.raises(NotOursError):
            verb(role)
        assert engine.calls.mutating == []
