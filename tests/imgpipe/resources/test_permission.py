"""S3's permission to invoke the function: who, exactly, and replaced whole."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imgpipe.engine.resource import Live, Unknown
from imgpipe.resources.permission import Permission
from tests.support.stand_ins import Given, create, drift, update

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls

FUNCTION = Given("resize", (("Arn", "arn:aws:lambda:eu-west-1:123456789012:function:resize"),))
BUCKET = Given("pictures", (("Arn", "arn:aws:s3:::pictures"),))
PERMISSION = Permission("imgpipe-s3", function=FUNCTION, bucket=BUCKET)


@pytest.fixture(autouse=True)
def function(aws: Aws, calls: Calls) -> None:
    """The function that is to be invoked."""
    role = aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"][
        "Arn"
    ]
    code = io.BytesIO()
    zipfile.ZipFile(code, "w").close()
    aws.client("lambda").create_function(
        FunctionName="resize",
        Role=role,
        Code={"ZipFile": code.getvalue()},
        Runtime="python3.12",
        Handler="a.b",
    )
    calls.clear()


def statements(aws: Aws) -> list[dict[str, object]]:
    """The function's whole policy."""
    return list(
        json.loads(aws.client("lambda").get_policy(FunctionName="resize")["Policy"])["Statement"]
    )


def test_only_this_bucket_of_this_account_may_invoke(aws: Aws) -> None:
    """The statement names S3, the bucket's ARN and the account: the name alone could be another account's one day."""
    create(aws, PERMISSION)
    (statement,) = statements(aws)
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Action"] == "lambda:InvokeFunction"
    condition = json.dumps(statement["Condition"])
    assert '"arn:aws:s3:::pictures"' in condition
    assert '"123456789012"' in condition


def test_another_bucket_replaces_the_statement(aws: Aws, calls: Calls) -> None:
    """A statement cannot be changed, so it is removed and added; there is only ever one."""
    create(aws, PERMISSION)
    calls.clear()
    moved = replace(PERMISSION, bucket=Given("others", (("Arn", "arn:aws:s3:::others"),)))
    assert update(aws, moved) == {"SourceArn"}
    assert calls.mutating == ["RemovePermission", "AddPermission"]
    assert not drift(aws, moved)
    assert len(statements(aws)) == 1


def test_statements_of_others_are_kept(aws: Aws) -> None:
    """Only our statement id is read and removed."""
    aws.client("lambda").add_permission(
        FunctionName="resize",
        StatementId="theirs",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    )
    assert PERMISSION.read(aws) is None
    create(aws, PERMISSION)
    PERMISSION.delete(aws, {})
    assert [statement["Sid"] for statement in statements(aws)] == ["theirs"]


def test_a_plan_before_the_function_exists_says_unknown() -> None:
    """The account is read off the function's ARN, which may not be known yet."""
    assert isinstance(PERMISSION.properties(Live())["SourceAccount"], Unknown)
