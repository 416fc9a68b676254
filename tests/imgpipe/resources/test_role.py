"""Role: trusted by Lambda only, and allowed exactly what is desired."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from imgpipe.aws import policies, policy_text
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action
from imgpipe.engine.resource import OWNER_TAG, Live
from imgpipe.resources.role import POLICY_NAME, Role
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Engine, Faults

pytestmark = pytest.mark.slow

KEYS = tuple(f"arn:aws:kms:eu-west-1:123456789012:key/{digit * 8}" for digit in "12")
NAME = "LambdaImageProcessingRole-eu-west-1"
DOCUMENT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
)
LEAST = policies.execution_policy(
    "arn:aws:s3:::s", "arn:aws:s3:::d", "arn:aws:dynamodb:t", "arn:aws:logs:l", "arn:aws:sqs:q"
)


@pytest.fixture
def role(tags: tuple[tuple[str, str], ...]) -> Role:
    """The role with the least privilege."""
    return Role(NAME, tags, policy=policy_text.canonical(LEAST))


@pytest.fixture
def managed(aws: Aws, role: Role) -> Role:
    """The same role with managed policies, and what they lack."""
    create = aws.client("iam").create_policy
    arns = tuple(
        create(PolicyName=name, PolicyDocument=DOCUMENT)["Policy"]["Arn"] for name in ("One", "Two")
    )
    return replace(
        role,
        policy=policy_text.canonical(policies.failures_policy("arn:aws:sqs:q")),
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
    assert policy_text.normalised(document) == policy_text.normalised(LEAST)
    assert _attached(iam) == set()


def test_managed_policies_read_as_desired(engine: Engine, managed: Role) -> None:
    """A second setup of the role with managed policies changes nothing."""
    engine.setup(managed)
    again = engine.setup(managed)
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


@pytest.mark.parametrize(
    ("source", "destination", "actions"),
    [
        ("", "", []),
        (KEYS[0], "", [("kms:Decrypt", KEYS[0])]),
        ("", KEYS[1], [("kms:GenerateDataKey", KEYS[1])]),
        (KEYS[0], KEYS[1], [("kms:Decrypt", KEYS[0]), ("kms:GenerateDataKey", KEYS[1])]),
    ],
)
def test_it_may_use_exactly_the_buckets_keys(
    engine: Engine, role: Role, source: str, destination: str, actions: list[tuple[str, str]]
) -> None:
    """Whatever policies it has besides; and no longer once the bucket has another."""
    buckets = [
        Given(name, (("KmsKeyArn", key),))
        for name, key in (("source", source), ("destination", destination))
    ]
    keyed = replace(role, source=buckets[0], destination=buckets[1])
    engine.setup(keyed, *buckets)
    assert key_actions(engine, role) == actions
    assert engine.setup(keyed, *buckets).action is Action.NONE
    engine.setup(role)
    assert key_actions(engine, role) == []


def key_actions(engine: Engine, role: Role) -> list[tuple[str, str]]:
    """Every action of KMS that the role's inline policies allow, and on what."""
    iam = engine.aws.client("iam")
    names = iam.list_role_policies(RoleName=role.name)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=role.name, PolicyName=name) for name in names]
    return sorted(
        (statement["Action"], statement["Resource"])
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if "kms:" in str(statement["Action"])
    )


BOUNDARIES = ("arn:aws:iam::123456789012:policy/Bound", "arn:aws:iam::aws:policy/PowerUserAccess")


def test_it_is_made_bounded_and_on_its_path(engine: Engine, role: Role, iam: Any) -> None:
    """From its first moment: an organisation may allow no other."""
    bounded = replace(role, path="/teams/photo/", boundary=BOUNDARIES[0])
    assert engine.setup(bounded).action is Action.CREATE
    found = iam.get_role(RoleName=NAME)["Role"]
    assert found["Path"] == "/teams/photo/"
    assert found["Arn"].endswith(f":role/teams/photo/{NAME}")
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARIES[0]
    assert engine.setup(bounded).action is Action.NONE
    assert engine.teardown(bounded).action is Action.DELETE


def test_another_boundary_is_put_in_place(engine: Engine, role: Role, iam: Any) -> None:
    """By one call; and where none is named any more, the last one stays."""
    engine.setup(role)
    for boundary in BOUNDARIES:
        done = engine.setup(replace(role, boundary=boundary))
        assert (done.action, done.calls) == (Action.UPDATE, ["PutRolePermissionsBoundary"])
    assert engine.setup(role).action is Action.NONE
    found = iam.get_role(RoleName=NAME)["Role"]["PermissionsBoundary"]
    assert found["PermissionsBoundaryArn"] == BOUNDARIES[1]


def test_another_path_makes_another_role_in_its_place(engine: Engine, role: Role, iam: Any) -> None:
    """IAM cannot move a role; a path that is not spoken of any more stays."""
    before = engine.setup(role).live
    moved = engine.setup(replace(role, path="/photo/"))
    assert (moved.action, moved.changed) == (Action.UPDATE, frozenset({"Path"}))
    assert before
    assert moved.live
    assert moved.live["RoleId"] != before["RoleId"]
    assert list(iam.get_role_policy(RoleName=NAME, PolicyName=POLICY_NAME)["PolicyDocument"])
    assert engine.setup(role).action is Action.NONE


def test_a_plan_knows_that_another_path_is_another_role(engine: Engine, role: Role) -> None:
    """What depends on the role cannot be told before."""
    engine.setup(role)
    (planned,) = reconcile.plan([replace(role, path="/photo/")], engine.aws)
    assert (planned.action, planned.live) == (Action.UPDATE, None)
