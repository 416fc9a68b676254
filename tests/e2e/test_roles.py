"""Roles as an organisation wants them, on an AWS that enforces what they may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.shell import Shell, embedded, photo

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

ACCOUNT = "000000000000"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture
def root(shell: Shell) -> Aws:
    """The account, with a policy that may serve as a boundary."""
    aws = embedded(shell.state)
    anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    aws.client("iam").create_policy(PolicyName="Bound", PolicyDocument=document(anything))
    return aws


def document(*statements: dict[str, Any]) -> str:
    """A policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def settings(shell: Shell, **values: str) -> None:
    """Write imgpipe.toml."""
    lines = [f'{key} = "{value}"\n' for key, value in values.items()]
    (shell.folder / "imgpipe.toml").write_text("".join(lines))


def test_a_role_of_ones_own_is_checked_used_and_left(shell: Shell, root: Aws) -> None:
    """What it lacks is told as the policy that it needs; with that, pictures are processed."""
    iam = root.client("iam")
    iam.create_role(RoleName="Own", AssumeRolePolicyDocument=json.dumps(TRUST))
    settings(shell, role_arn=f"arn:aws:iam::{ACCOUNT}:role/Own")
    error = shell.error("--local", "setup", code=3)
    assert error["code"] == "settings"
    assert "lacks s3:GetObject" in error["message"]
    assert root.client("s3").list_buckets()["Buckets"] == []
    policy = error["hint"].partition(": ")[2]
    iam.put_role_policy(RoleName="Own", PolicyName="Needed", PolicyDocument=policy)

    shell.run("--local", "setup")
    (shell.folder / "a.jpg").write_bytes(photo())
    shell.run("--local", "upload", "a.jpg")
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["Own"]
    assert shell.json("--local", "status")["in_sync"]
    before = iam.get_role(RoleName="Own")["Role"]["RoleId"]
    shell.run("--local", "teardown", "--yes")
    assert iam.get_role(RoleName="Own")["Role"]["RoleId"] == before


def test_every_role_that_is_made_is_bounded_and_on_its_path(shell: Shell, root: Aws) -> None:
    """And works so; a setup that does not speak of either leaves both."""
    bound = f"arn:aws:iam::{ACCOUNT}:policy/Bound"
    settings(shell, permissions_boundary=bound, role_path="/teams/photo/")
    shell.run("--local", "setup")
    settings(shell)
    status = shell.json("--local", "status")
    differing = [each for each in status["resources"] if each["state"] != "in sync"]
    assert differing == []
    roles = root.client("iam").list_roles()["Roles"]
    assert {role["Path"] for role in roles} == {"/teams/photo/"}
    for role in roles:
        found = root.client("iam").get_role(RoleName=role["RoleName"])["Role"]
        assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == bound
    shell.run("--local", "teardown", "--yes")
    assert root.client("iam").list_roles()["Roles"] == []
