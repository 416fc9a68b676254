"""A role of one's own: refused before anything is made where it cannot serve, never touched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, finals
from imgpipe.errors import SettingsError
from imgpipe.pipeline import Pipeline, deployment, given_role
from imgpipe.pipeline.declaration import declared, everything
from imgpipe.pipeline.execution_role import policy_of_both
from imgpipe.pipeline.given_role import GivenRole
from imgpipe.resources.role import Role
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Faults, Sent

pytestmark = pytest.mark.slow

ARN: Final = "arn:aws:iam::123456789012:role/teams/photo/Own"
SIMULATE: Final = "SimulatePrincipalPolicy"


def trust(**change: Any) -> dict[str, Any]:
    """A statement that lets Lambda in, but for a change."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
        **change,
    }


def make(aws: Aws, *statements: dict[str, Any]) -> None:
    """Make the role, trusting as said."""
    document = {"Version": "2012-10-17", "Statement": list(statements) or [trust()]}
    aws.client("iam").create_role(
        RoleName="Own", Path="/teams/photo/", AssumeRolePolicyDocument=json.dumps(document)
    )


def with_role(aws: Aws, **settings: Any) -> Pipeline:
    """A pipeline that is to run as it."""
    return Pipeline.of(Settings(local=True, role_arn=ARN, **settings), aws)


def decide(aws: Aws, refused: set[str]) -> None:
    """Let the simulation refuse what is in ``refused``, as moto has none."""

    def answer(model: Any, params: Any, **_: object) -> tuple[object, dict[str, Any]] | None:
        if model.name != SIMULATE:
            return None
        actions = [params["body"][key] for key in params["body"] if key.startswith("ActionNames")]
        results = [
            {
                "EvalActionName": action,
                "EvalDecision": "implicitDeny" if action in refused else "allowed",
            }
            for action in actions
        ]
        return Ok(), {"EvaluationResults": results, "ResponseMetadata": {}}

    aws.client("iam").meta.events.register_first("before-call.iam", answer)


class Ok:
    """The HTTP part of a good answer."""

    status_code = 200


@pytest.mark.parametrize(
    ("arn", "statements", "says"),
    [
        (ARN.replace("1234", "4321"), [trust()], "is of account 432156789012"),
        (ARN.replace("Own", "None"), [trust()], "there is no role"),
        (ARN.replace("photo", "video"), [trust()], "there is no role"),
        (ARN, [trust(Principal={"Service": "ec2.amazonaws.com"})], "Lambda may not assume"),
        (ARN, [trust(Principal={"AWS": "arn:aws:iam::123456789012:root"})], "may not assume"),
        (ARN, [trust(Principal="*")], "Lambda may not assume"),
        (ARN, [trust(Effect="Deny")], "Lambda may not assume"),
        (ARN, [trust(Action="sts:TagSession")], "Lambda may not assume"),
    ],
)
def test_a_role_that_cannot_serve_is_refused(
    aws: Aws, calls: Calls, arn: str, statements: list[dict[str, Any]], says: str
) -> None:
    """With what would make it one that can."""
    make(aws, *statements)
    calls.clear()
    with pytest.raises(SettingsError, match=says) as caught:
        given_role.require_fit(aws, arn, {"Statement": []})
    assert caught.value.hint
    assert calls.mutating == []


@pytest.mark.parametrize(
    "statement",
    [
        trust(),
        trust(Principal={"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}),
        trust(Action=["sts:TagSession", "sts:AssumeRole"]),
        trust(Action="sts:*"),
        trust(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}),
    ],
)
def test_trust_may_be_written_in_any_way(aws: Aws, statement: dict[str, Any]) -> None:
    """Beside statements for others, too."""
    make(aws, trust(Principal={"Service": "ec2.amazonaws.com"}), statement)
    assert given_role.require_fit(aws, ARN, {"Statement": []}) == []


@pytest.mark.parametrize("removed", ["follow", "keep"])
def test_every_action_of_the_least_policy_is_asked_for_and_named_where_it_lacks(
    aws: Aws, sent: Sent, removed: str
) -> None:
    """One at a time; the hint is the policy to give it."""
    make(aws)
    pipeline = with_role(aws, removed=removed)
    statements = policy_of_both(pipeline)["Statement"]
    refused: set[str] = set()
    decide(aws, refused)
    assert deployment.require_role_fits(pipeline) == []
    asked = {action for call in sent.of(SIMULATE) for action in call["ActionNames"]}
    assert asked == {action for statement in statements for action in statement["Action"]}
    assert not [call for call in sent.of(SIMULATE) if "*" in call["ResourceArns"][0]]
    for action in sorted(asked):
        refused.clear()
        refused.add(action)
        with pytest.raises(SettingsError, match=f"lacks {action}") as caught:
            deployment.require_role_fits(pipeline)
        assert caught.value.message.count(action) == 1
        policy = json.loads(caught.value.hint.partition(": ")[2])
        assert {each["Action"][0] for each in policy["Statement"]} == {action}


def test_who_may_not_simulate_is_told_that_nobody_looked(aws: Aws, faults: Faults) -> None:
    """The self-test shows it then."""
    make(aws)
    faults.fail(SIMULATE, "AccessDenied", "no", status=403, times=20)
    (note,) = deployment.require_role_fits(with_role(aws))
    assert "may not call iam:SimulatePrincipalPolicy" in note


def test_it_is_declared_in_the_place_of_ours_and_a_teardown_looks_for_ours(aws: Aws) -> None:
    """Ours may be left from before that setting; theirs is never among what may go."""
    make(aws)
    pipeline = with_role(aws)
    kinds = {type(each) for each in declared(pipeline)}
    assert (GivenRole in kinds, Role in kinds) == (True, False)
    kinds = {type(each) for each in everything(pipeline)}
    assert (GivenRole in kinds, Role in kinds) == (False, True)


def test_its_id_is_watched_and_nothing_done_to_it(aws: Aws, calls: Calls) -> None:
    """The function is encrypted for exactly this role."""
    make(aws)
    role, calls[:] = GivenRole.of(ARN), []
    (event,) = finals(reconcile.setup([role], aws))
    assert event.action is Action.NONE
    assert event.live == {"Arn": ARN, "RoleId": event.live and event.live["RoleId"]}
    assert calls.mutating == []
