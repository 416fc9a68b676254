"""A role of somebody's own for the function: looked at, watched, and never made or deleted."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import ClientError

from imgpipe.aws.actions import allow
from imgpipe.aws.errors import denied, or_none
from imgpipe.aws.policies import Policy, Statement, lets_lambda_in
from imgpipe.aws.policy_text import canonical
from imgpipe.engine.resource import Live, Properties, Resource
from imgpipe.errors import NotSetUpError, SettingsError
from imgpipe.resources.permissions import Permissions, permissions

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# Stands for the part of a resource that a policy leaves open: a key that the function may write.
_SAMPLE = "processed-imgpipe"


@dataclass(frozen=True)
class GivenRole(Resource):
    """The role ``name``, or ``iam_name`` in full: its ARN.

    Read-only attributes: ``Arn``, ``RoleId``, as of a role of ours.
    """

    type: ClassVar[str] = "AWS::IAM::Role"
    title: ClassVar[str] = "execution role"
    iam_name: str

    @classmethod
    def of(cls, arn: str) -> GivenRole:
        """Return the role of an ARN, whose last word is its name whatever its path is."""
        return cls(arn.rpartition("/")[2], arn)

    def properties(self, live: Live) -> Properties:
        """Return nothing: its owner says what it is."""
        return {}

    def read(self, aws: Aws) -> Properties | None:
        """Return what it is called, and the id that no other role ever has."""
        found = _describe(aws, self.name)
        return found and {"Arn": found["Arn"], "RoleId": found["RoleId"]}

    def create(self, aws: Aws, desired: Properties) -> None:
        """Raise ``NotSetUpError``: it went after it was looked for."""
        raise NotSetUpError(f"role {self.name} of role_arn is not there")

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Do nothing: there is nothing of it to be different."""

    def delete(self, aws: Aws, live: Properties) -> None:
        """Do nothing: it is not ours."""

    def owned(self, live: Properties) -> bool:
        """Return True: it may be used, and nothing is done to it."""
        return True


@permissions.register
def _permissions(role: GivenRole) -> Permissions:
    return Permissions(read=allow("iam", role.iam_name, "GetRole"))


def require_fit(aws: Aws, arn: str, needed: Policy) -> list[str]:
    """Check that the function can run as the role ``arn`` and do what ``needed`` allows.

    ``iam:SimulatePrincipalPolicy`` takes the role's permissions boundary into account, and knows
    nothing of the policies of buckets and keys, which may allow or deny more.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html

    Returns:
        What could not be looked at, in words.

    Raises:
        SettingsError: it is not there, in another account, not for Lambda, or lacks something.
    """
    if (account := arn.split(":")[4]) != aws.account:
        raise SettingsError(
            f"role_arn is of account {account}, and the function of {aws.account}",
            hint="Lambda takes roles of its own account alone",
        )
    found = _describe(aws, GivenRole.of(arn).name)
    if found is None or found["Arn"] != arn:
        raise SettingsError(
            f"there is no role {arn}", hint="make it, or leave role_arn out, and setup makes one"
        )
    if not lets_lambda_in(found["AssumeRolePolicyDocument"]):
        raise SettingsError(
            f"Lambda may not assume role {arn}",
            hint="let its trust policy allow sts:AssumeRole to lambda.amazonaws.com",
        )
    return _require_rights(aws, arn, needed)


def _describe(aws: Aws, name: str) -> dict[str, Any] | None:
    answer = or_none(lambda: aws.client("iam").get_role(RoleName=name))
    return answer and dict(answer["Role"])


def _require_rights(aws: Aws, arn: str, needed: Policy) -> list[str]:
    try:
        with ThreadPoolExecutor(thread_name_prefix="role") as pool:
            lacking = list(pool.map(partial(_lacking, aws, arn), needed["Statement"]))
    except ClientError as error:
        if denied(error):
            who = "these credentials may not call iam:SimulatePrincipalPolicy"
            return [f"nobody looked whether {arn} may do all that the function does: {who}"]
        raise
    if missing := [each for each in lacking if each["Action"]]:
        raise SettingsError(
            f"role {arn} lacks {', '.join(_named(missing))}",
            hint=f"give it this policy: {canonical({**needed, 'Statement': missing})}",
        )
    return []


def _lacking(aws: Aws, arn: str, statement: Statement) -> Statement:
    """Return ``statement`` with those of its actions that are not allowed to the role."""
    pages = (
        aws.client("iam")
        .get_paginator("simulate_principal_policy")
        .paginate(
            PolicySourceArn=arn,
            ActionNames=statement["Action"],
            ResourceArns=[statement["Resource"].replace("*", _SAMPLE)],
        )
    )
    results = [result for page in pages for result in page["EvaluationResults"]]
    refused = [each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed"]
    return {**statement, "Action": refused}


def _named(statements: Iterable[Statement]) -> Iterable[str]:
    """Return each action once, though the functions may need it on several things."""
    return dict.fromkeys(action for statement in statements for action in statement["Action"])
