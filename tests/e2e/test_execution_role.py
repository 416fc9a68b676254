"""The functions' roles: what each needs to the last action, and nothing beside it.

IAM is enforced. Each statement in turn loses each of its actions, and a scenario that is named
breaks; and with each role's own credentials what it must not do is tried, and denied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import boto3
import pytest
from botocore.exceptions import ClientError

from imgpipe import local
from tests.support.limited import listed
from tests.support.role_account import BrokenError, RoleAccount, Statement, stand
from tests.support.role_denials import DENIED, make_others
from tests.support.role_scenarios import SCENARIOS, Scenario, client
from tests.support.shell import embedded

pytestmark = pytest.mark.prove

NOT_PLAYED: Final = {
    "TellMissingFromForbidden": {"s3:ListBucket"},
    "ReadStream": {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    },
}
"""What the embedded AWS does not ask for, by the statement's name: without the first, S3 says 403
of a missing key; the others Lambda looks for when it makes the mapping."""
REFUSED: Final = ("denied", "not authorized", "403", "Forbidden")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoleAccount]:
    """The pipeline, and other people's things beside it."""
    state = tmp_path_factory.mktemp("state")
    try:
        standing = stand(embedded(state))
        make_others(standing)
        yield standing
    finally:
        local.stop(state)


def refused(said: str) -> bool:
    """Say whether an error is that of who may not."""
    return any(word in said for word in REFUSED)


def broken(scenarios: tuple[Scenario, ...], account: RoleAccount, session: boto3.Session) -> str:
    """Run them to the first that breaks; return which, and what it said; empty where none does."""
    for scenario in scenarios:
        try:
            scenario(account, session)
        except (BrokenError, ClientError) as error:
            return f"{scenario.__name__}: {error}"
    return ""


def fewer(statements: list[Statement]) -> Iterator[tuple[str, list[Statement]]]:
    """Yield what is left when each action in turn is taken away, with what was."""
    for each in statements:
        actions = listed(each["Action"])
        for action in actions:
            if action in NOT_PLAYED.get(each["Sid"], {}):
                continue
            kept = [other for other in actions if other != action]
            others = [other for other in statements if other != each]
            left = [*others, {**each, "Action": kept}] if kept else others
            yield f"{action} of {each['Sid']}", left


@pytest.mark.parametrize("role", SCENARIOS)
def test_every_action_is_necessary(
    account: RoleAccount, role: str, record_property: Callable[[str, object], None]
) -> None:
    """With all of them every scenario goes well; with one fewer, in one statement, one breaks."""
    name = getattr(account.names, role)
    session, scenarios = account.session(name), SCENARIOS[role]
    assert broken(scenarios, account, session) == ""
    missing = dict(fewer(account.policy(name)))
    for what, left in missing.items():
        with account.changed(name, left):
            said = broken(scenarios, account, session)
        assert refused(said), f"{role} without {what}: {said or 'nothing breaks'}"
    assert broken(scenarios, account, session) == ""
    record_property(f"role_actions_necessary/{role}", len(missing))


@pytest.mark.parametrize("role", DENIED)
def test_what_a_role_must_not_do_is_denied(
    account: RoleAccount, role: str, record_property: Callable[[str, object], None]
) -> None:
    """Each tried with the credentials that a function of this role has."""
    session = account.session(getattr(account.names, role))
    denied = DENIED[role](account)
    assert len(denied) >= 40
    for service, operation, parameters in denied:
        with pytest.raises(ClientError) as caught:
            getattr(client(account, session, service), operation)(**parameters)
        said = str(caught.value)
        assert refused(said), f"{service} {operation} {parameters}: {said}"
    record_property(f"denials/{role}", len(denied))
