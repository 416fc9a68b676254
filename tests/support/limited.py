"""Somebody who may do just what a policy says, on the embedded AWS, in the root's place."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.support.local_account import policy

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.shell import Shell

Policy = Mapping[str, Any]
_USER = "limited"


def listed(value: Any) -> list[Any]:
    """A list of one may be written as its element."""
    return value if isinstance(value, list) else [value]


def actions_of(document: Policy) -> list[str]:
    """All that a policy allows, in order."""
    return sorted({each for one in document["Statement"] for each in listed(one["Action"])})


def without(document: Policy, action: str) -> list[dict[str, Any]]:
    """The statements of a policy less one action."""
    kept = copy.deepcopy(list(document["Statement"]))
    for statement in kept:
        statement["Action"] = [each for each in listed(statement["Action"]) if each != action]
    return [each for each in kept if each["Action"]]


@contextmanager
def limited_to(shell: Shell, root: Aws, statements: Sequence[dict[str, Any]]) -> Iterator[None]:
    """Let ``--local`` be a user who has these statements, for as long as this lasts.

    The command line finds the embedded AWS by a file that holds its key pair.
    """
    iam, file = root.client("iam"), shell.state / "identity.json"
    if _USER not in {each["UserName"] for each in iam.list_users()["Users"]}:
        iam.create_user(UserName=_USER)
    iam.put_user_policy(UserName=_USER, PolicyName="p", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName=_USER)["AccessKey"]
    before = file.read_text()
    pair = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
    file.write_text(json.dumps({**json.loads(before), **pair}))
    try:
        yield
    finally:
        file.write_text(before)
        iam.delete_access_key(UserName=_USER, AccessKeyId=key["AccessKeyId"])


def goes(shell: Shell, lines: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Run each of ``lines``, to the first that fails; yield it, its code, and all that it says."""
    for line in lines:
        process = shell.start("--local", *line.split())
        stdout, stderr = process.communicate(timeout=180)
        yield line, process.returncode, stdout + stderr
        if process.returncode:
            return


def policy_of(shell: Shell, *options: str) -> Policy:
    """Return what ``imgpipe deployer-policy`` prints."""
    printed: Policy = json.loads(shell.run("--local", "deployer-policy", *options).stdout)
    return printed
