"""Who has exactly the printed policy runs every command; with less, they are told what lacks."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final, cast

import pytest

from imgpipe.cli._commands import name_in
from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.deployer_policy import COMMANDS, policy
from imgpipe.pipeline.names import Names
from imgpipe.settings import Settings
from tests.support.limited import actions_of, goes, limited_to, policy_of, without
from tests.support.shell import Shell, embedded, photo

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

JOURNEY: Final = (
    "setup",
    "doctor",
    "--config more.toml setup",
    "rollback --yes",
    "pause",
    "resume",
    "upload a.jpg --skip-existing",
    "watch watched --once --delete --yes",
    "invoke a.jpg",
    "list-metadata",
    "url a.jpg",
    "logs",
    "failures",
    "retry --all",
    "reconcile --yes",
    "metrics",
    "cost",
    "config pull pulled.toml --force",
    "reprocess --all --yes",
    "show a.jpg",
    "explain a.jpg",
    "gallery",
    "open a.jpg",
    "open --rejected",
    "download --all --to home",
    "download a.jpg --original --to home",
    "invalidate a.jpg",
    "rm a.jpg --yes",
    "status",
    "teardown --yes",
)
"""Every command of the table once, on an account where nothing stands."""

ELSEWHERE: Final = {"reprocess status"}
"""No emulator has S3 Batch Operations: tests/imgpipe/resources/test_permissions.py holds what the
role of its jobs needs against the calls."""

ON_DEMAND: Final = "[delivery]\nenabled = true\n"
GRACEFUL: Final = {
    "dynamodb:ListBackups": "then a teardown says that it could not look for backups",
    "lambda:ListFunctions": "then a teardown does not know whose functions are on the layer",
    "s3:GetBucketObjectLockConfiguration": "then a lock is met by the deletion itself",
    "tag:GetResources": "then a teardown says that nobody looked for leftovers",
}
"""What imgpipe does without, and says so."""

NOT_ENFORCED: Final = {
    "iam:PassRole": "asked for besides CreateFunction",
    "iam:TagRole": "asked for besides CreateRole",
    "s3:TagResource": "asked for besides CreateBucket",
    "sqs:TagQueue": "asked for besides CreateQueue",
    "dynamodb:TagResource": "asked for besides CreateTable",
    "logs:TagResource": "asked for besides CreateLogGroup",
    "cloudfront:TagResource": "asked for besides CreateDistribution",
    "lambda:GetLayerVersion": "asked for besides CreateFunction",
    "s3:CreateJob": "of S3 Batch Operations, which no emulator has",
    "s3:DescribeJob": "of S3 Batch Operations, which no emulator has",
    "s3:ListJobs": "of S3 Batch Operations, which no emulator has",
    "s3:PutJobTagging": "asked for besides CreateJob",
    "s3:UpdateJobStatus": "of S3 Batch Operations, which no emulator has",
}
"""What the embedded AWS, which asks for one action a call, lets pass: the contract of resources
holds these against the calls (tests/imgpipe/resources/test_permissions.py)."""
RARE: Final = {
    "cloudfront:UpdateOriginAccessControl": "where somebody changed how requests are signed",
    "dynamodb:BatchGetItem": "where results lie that no row speaks of",
    "dynamodb:UpdateItem": "where rows are of an earlier release",
    "dynamodb:UpdateTable": "where somebody changed the table",
    "iam:DetachRolePolicy": "where somebody attached a policy",
    "iam:UpdateAssumeRolePolicy": "where somebody changed who may assume the role",
    "lambda:GetAccountSettings": "before many pictures are run again",
    "lambda:RemovePermission": "where somebody changed the permission",
    "lambda:UpdateEventSourceMapping": "where somebody changed the mapping",
    "pricingplanmanager:ListSubscriptions": "where the distribution has a web ACL",
    "s3:AbortMultipartUpload": "where an upload was broken off",
    "s3:ListMultipartUploadParts": "where an upload was broken off",
    "sqs:SetQueueAttributes": "where somebody changed the queue",
}
"""What this journey does not come to; the contract of resources and the commands' own tests do."""


def every_action() -> list[str]:
    """All that the policy allows, which does not depend on the account."""
    place = cast("Aws", SimpleNamespace(account="0" * 12, region="us-east-1", partition="aws"))
    pipeline = Pipeline(Settings(), Names.of(Settings(), place.account, place.region), place)
    return actions_of(policy(pipeline))


@pytest.fixture
def root(shared_shell: Shell) -> Aws:
    """The account, with nothing in it, and files for the journey."""
    shared_shell.run("--local", "teardown", "--yes")
    (shared_shell.folder / "a.jpg").write_bytes(photo(200, 100))
    (shared_shell.folder / "watched").mkdir(exist_ok=True)
    (shared_shell.folder / "watched" / "w.jpg").write_bytes(photo(200, 100))
    (shared_shell.folder / "imgpipe.toml").write_text(ON_DEMAND)
    (shared_shell.folder / "more.toml").write_text(f"memory = 640\n{ON_DEMAND}")
    return embedded(shared_shell.state)


def test_the_journey_has_every_command() -> None:
    """One that is added to the table is added here."""
    words = [[word for word in line.split() if not word.endswith(".toml")] for line in JOURNEY]
    names = {name_in([word for word in each if word != "--config"]) for each in words}
    assert names == set(COMMANDS) - ELSEWHERE


def test_who_has_the_policy_runs_every_command(shared_shell: Shell, root: Aws) -> None:
    """And nothing that it leaves out is needed."""
    whole = policy_of(shared_shell)
    with limited_to(shared_shell, root, list(whole["Statement"])):
        for line, code, said in goes(shared_shell, JOURNEY):
            assert code == 0, f"{line}: {said}"


def lacks(shell: Shell, root: Aws, action: str, record: Callable[[str, object], None]) -> None:
    """Run the journey without ``action``: a command fails, and its error names that."""
    fewer = without(policy_of(shell), action)
    with limited_to(shell, root, fewer):
        line, code, said = list(goes(shell, JOURNEY))[-1]
    assert code != 0, f"nothing needs {action}"
    assert action in said, f"{line} does not name {action}: {said}"
    record(f"deployer_actions_necessary/{action}", 1)


@pytest.mark.parametrize("action", ["iam:CreateRole"])
def test_an_action_that_is_missing_is_named(
    shared_shell: Shell, root: Aws, action: str, record_property: Callable[[str, object], None]
) -> None:
    """A sample of those below."""
    lacks(shared_shell, root, action, record_property)


@pytest.mark.prove
@pytest.mark.parametrize("action", sorted({*every_action()} - {*GRACEFUL, *NOT_ENFORCED, *RARE}))
def test_every_action_is_necessary(
    shared_shell: Shell, root: Aws, action: str, record_property: Callable[[str, object], None]
) -> None:
    """Each in turn is left out."""
    lacks(shared_shell, root, action, record_property)


def test_what_is_not_proven_here_is_in_the_policy() -> None:
    """An exception for an action that is no longer asked for would hide the next."""
    assert {*GRACEFUL, *NOT_ENFORCED, *RARE} <= {*every_action()}
