"""Who has exactly the printed policy runs every command; with less, they are told what lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pytest

from imgpipe import local
from imgpipe.cli._commands import name_in
from imgpipe.pipeline.deployer_policy import COMMANDS, policy
from tests.support.failed import event, record, send
from tests.support.limited import actions_of, goes, limited_to, policy_of, without
from tests.support.refusals import Proof, nowhere, refused
from tests.support.rewind import keep
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
    "rotate --yes",
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

STANDS: Final = (
    "setup",
    "--config more.toml setup",
    "upload a.jpg",
    "watch watched --once --yes",
)
"""What brings about that each command has something to do, and a failure in the queue."""
ANOTHER_SETUP: Final = "--config other.toml setup"
# Goes into the function's code.
MARK: Final = '[watermark]\nimage = "mark.png"\n'

ELSEWHERE: Final = {"reprocess status"}
"""No emulator has S3 Batch Operations: tests/imgpipe/resources/test_permissions.py holds what the
role of its jobs needs against the calls."""

ON_DEMAND: Final = "[delivery]\nenabled = true\nsigning = true\n"
GRACEFUL: Final = {
    "dynamodb:ListBackups": "then a teardown says that it could not look for backups",
    "lambda:ListFunctions": "then a teardown does not know whose functions are on the layer",
    "sqs:ChangeMessageVisibility": "then what was looked at is hidden from others a little longer",
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
    "s3:GetAccountPublicAccessBlock": "of S3 Control, which the embedded AWS has not",
    "s3:CreateJob": "of S3 Batch Operations, which no emulator has",
    "s3:DescribeJob": "of S3 Batch Operations, which no emulator has",
    "s3:ListJobs": "of S3 Batch Operations, which no emulator has",
    "s3:PutJobTagging": "asked for besides CreateJob",
    "s3:UpdateJobStatus": "of S3 Batch Operations, which no emulator has",
}
"""What the embedded AWS, which asks for one action a call, lets pass: the contract of resources
holds these against the calls (tests/imgpipe/resources/test_permissions.py)."""
RARE: Final = {
    "cloudfront:UpdateFunction": "where somebody changed what runs at the edges",
    "lambda:UpdateFunctionUrlConfig": "where somebody changed the URL of pictures on demand",
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
    "s3:PutBucketOwnershipControls": "where somebody changed whose the objects are",
    "s3:PutBucketPublicAccessBlock": "where somebody opened a switch that S3 has closed",
    "s3:PutEncryptionConfiguration": "where somebody changed the encryption",
    "sqs:SetQueueAttributes": "where somebody changed the queue",
}
"""What this journey does not come to; the contract of resources and the commands' own tests do."""


def every_action() -> list[str]:
    """All that the policy allows."""
    return actions_of(policy(nowhere()))


@pytest.fixture(scope="module")
def account(shared_shell: Shell) -> Aws:
    """The account, and files for the journey."""
    shared_shell.run("--local", "teardown", "--yes")
    (shared_shell.folder / "a.jpg").write_bytes(photo(200, 100))
    (shared_shell.folder / "watched").mkdir()
    (shared_shell.folder / "watched" / "w.jpg").write_bytes(photo(200, 100))
    (shared_shell.folder / "imgpipe.toml").write_text(ON_DEMAND)
    (shared_shell.folder / "more.toml").write_text(f"memory = 640\n{ON_DEMAND}")
    (shared_shell.folder / "mark.png").write_bytes(photo(20, 10, "PNG"))
    (shared_shell.folder / "other.toml").write_text(f"memory = 704\n{MARK}{ON_DEMAND}")
    return embedded(shared_shell.state)


@pytest.fixture
def root(shared_shell: Shell, account: Aws) -> Aws:
    """The account, with nothing in it."""
    shared_shell.run("--local", "teardown", "--yes")
    return account


def test_the_journey_has_every_command() -> None:
    """One that is added to the table is added here."""
    words = [[word for word in line.split() if not word.endswith(".toml")] for line in JOURNEY]
    names = {name_in([word for word in each if word != "--config"]) for each in words}
    assert names == set(COMMANDS) - ELSEWHERE


@pytest.mark.prove
def test_who_has_the_policy_runs_every_command(shared_shell: Shell, root: Aws) -> None:
    """And nothing that it leaves out is needed."""
    whole = policy_of(shared_shell)
    with limited_to(shared_shell, root, list(whole["Statement"])):
        for line, code, said in goes(shared_shell, JOURNEY):
            assert code == 0, f"{line}: {said}"


@pytest.mark.parametrize("action", ["iam:CreateRole"])
def test_an_action_that_is_missing_is_named(shared_shell: Shell, root: Aws, action: str) -> None:
    """A sample of those below."""
    fewer = without(policy_of(shared_shell), action)
    with limited_to(shared_shell, root, fewer):
        assert action in refused(shared_shell, ("setup",), action)


@pytest.fixture(scope="module")
def proof(shared_shell: Shell, account: Aws, tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """What a proof starts from: nothing, and all that there is."""
    folder, shell = tmp_path_factory.mktemp("kept"), shared_shell
    shell.run("--local", "teardown", "--yes")
    keep(shell.state, folder / "nothing")
    local.start(shell.state)
    for line in STANDS:
        shell.run("--local", *line.split())
    names = nowhere().names
    send(account, names.queue, record(event("a.jpg", bucket=names.source_bucket)))
    keep(shell.state, folder / "standing")
    lines = [ANOTHER_SETUP, *(line for line in JOURNEY if line not in STANDS)]
    places = (folder / "nothing", folder / "standing")
    return Proof(shell, account, policy_of(shell), lines, STANDS, *places)


@pytest.mark.prove
@pytest.mark.parametrize("action", sorted({*every_action()} - {*GRACEFUL, *NOT_ENFORCED, *RARE}))
def test_every_action_is_necessary(
    proof: Proof, action: str, record_property: Callable[[str, object], None]
) -> None:
    """Each in turn is left out: a command fails, and names it."""
    assert proof.refusal(action), f"nothing needs {action}"
    record_property(f"deployer_actions_necessary/{action}", 1)


def test_what_is_not_proven_here_is_in_the_policy() -> None:
    """An exception for an action that is no longer asked for would hide the next."""
    assert {*GRACEFUL, *NOT_ENFORCED, *RARE} <= {*every_action()}
