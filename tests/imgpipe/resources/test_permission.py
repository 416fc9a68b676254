"""S3's permission to invoke the function: who, exactly, and replaced whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imgpipe.engine.creation import bring_about
from imgpipe.engine.resource import Live, Unknown
from imgpipe.resources.permission import Permission
from tests.support import functions
from tests.support.stand_ins import Given, create, desired, drift, update

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Faults, Sent

BUCKET = Given("pictures", (("Arn", "arn:aws:s3:::pictures"),))
PERMISSION = Permission("imgpipe-s3-live", alias=functions.SERVED, bucket=BUCKET)


@pytest.fixture(autouse=True)
def function(aws: Aws, calls: Calls) -> None:
    """The function that is to be invoked."""
    functions.make(aws)
    calls.clear()


def statements(aws: Aws) -> list[dict[str, object]]:
    """The alias's whole policy."""
    return list(json.loads(policy(aws))["Statement"])


def policy(aws: Aws) -> str:
    """The same as Lambda gives it."""
    return str(aws.client("lambda").get_policy(**functions.LIVE)["Policy"])


def test_only_this_bucket_of_this_account_may_invoke(aws: Aws) -> None:
    """It names S3, the bucket's ARN and the account: the name could be another's one day."""
    create(aws, PERMISSION)
    (statement,) = statements(aws)
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Action"] == "lambda:InvokeFunction"
    condition = json.dumps(statement["Condition"])
    assert '"arn:aws:s3:::pictures"' in condition
    assert '"123456789012"' in condition


def test_it_stands_in_the_policy_of_the_alias_alone(aws: Aws, sent: Sent) -> None:
    """The function without a qualifier, and so what was never tested, is not opened."""
    create(aws, PERMISSION)
    (call,) = sent.of("AddPermission")
    assert call["Qualifier"] == "live"
    (statement,) = statements(aws)
    assert statement["Resource"] == f"{functions.ARN}:live"


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
    """Only our statement id is read and replaced."""
    aws.client("lambda").add_permission(
        **functions.LIVE,
        StatementId="theirs",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    )
    assert PERMISSION.read(aws) is None
    create(aws, PERMISSION)
    PERMISSION.update(aws, desired(aws, PERMISSION), frozenset({"SourceArn"}))
    assert [statement["Sid"] for statement in statements(aws)] == ["theirs", PERMISSION.name]


def test_it_goes_with_the_function(aws: Aws, calls: Calls) -> None:
    """No call is made for its deletion: Lambda deletes it with the function."""
    create(aws, PERMISSION)
    calls.clear()
    PERMISSION.delete(aws, {})
    assert calls == []
    aws.client("lambda").delete_function(FunctionName="resize")
    assert PERMISSION.read(aws) is None


def test_the_old_statement_is_waited_for_until_it_is_gone(
    aws: Aws, calls: Calls, faults: Faults, clock: Clock
) -> None:
    """Lambda may know it for a while after its removal, and would refuse another of its name."""
    create(aws, PERMISSION)
    faults.answer("GetPolicy", {"Policy": policy(aws)}, times=2)
    calls.clear()
    PERMISSION.update(aws, desired(aws, PERMISSION), frozenset({"SourceArn"}))
    assert calls == ["RemovePermission", *["GetPolicy"] * 3, "AddPermission"]
    assert len(clock.naps) == 2


def test_a_statement_that_lambda_still_knows_is_waited_out(
    aws: Aws, faults: Faults, clock: Clock
) -> None:
    """Reads no longer show the old one, and the new one is refused all the same."""
    create(aws, PERMISSION)
    refusal = "The statement id (imgpipe-s3-live) provided already exists."
    faults.fail("AddPermission", "ResourceConflictException", refusal, status=409, times=2)
    PERMISSION.update(aws, desired(aws, PERMISSION), frozenset({"SourceArn"}))
    assert clock() > 0
    assert not drift(aws, PERMISSION)


def test_a_statement_that_is_there_is_read_and_not_sent_again(
    aws: Aws, faults: Faults, clock: Clock
) -> None:
    """An answer got lost: "already exists" does not pass by waiting."""
    create(aws, PERMISSION)
    refusal = "The statement id (imgpipe-s3-live) provided already exists."
    faults.fail("AddPermission", "ResourceConflictException", refusal, status=409)
    bring_about(PERMISSION, aws, desired(aws, PERMISSION))
    assert clock() == 0
    assert len(statements(aws)) == 1


def test_a_plan_before_the_function_exists_says_unknown() -> None:
    """The account is read off the function's ARN, which may not be known yet."""
    assert isinstance(PERMISSION.properties(Live())["SourceAccount"], Unknown)
