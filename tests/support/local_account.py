"""What the tests of the embedded AWS share: clients, policies and plain requests."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from imgpipe import local
    from imgpipe.aws.account import Aws
    from tests.support.shell import Shell


def client(emulator: local.Emulator, service: str, **keys: str) -> Any:
    """Return a plain boto3 client, the root's unless other keys are given."""
    keys = keys or {
        "aws_access_key_id": emulator.access_key,
        "aws_secret_access_key": emulator.secret_key,
        "aws_session_token": "",
    }
    return boto3.client(service, endpoint_url=emulator.url, region_name=emulator.region, **keys)


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class Stay(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for an answer."""

    def redirect_request(self, *_: Any) -> None:
        return None


def answer(
    emulator: local.Emulator, path: str, *, method: str = "GET", **headers: str
) -> tuple[int, str]:
    """Return status and body of a plain request."""
    request = urllib.request.Request(emulator.url + path, method=method, headers=headers)
    try:
        with urllib.request.build_opener(Stay, urllib.request.ProxyHandler({})).open(
            request, timeout=10
        ) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def somebody(shell: Shell, aws: Aws, *statements: dict[str, Any]) -> tuple[Shell, list[str]]:
    """A shell with the credentials of a user who may do just this, and what leads there."""
    iam, name = aws.client("iam"), f"user{len(statements)}"
    users = {user["UserName"] for user in iam.list_users()["Users"]}
    if name not in users:
        iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    extra = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    options = ["--region", "us-east-1", f"--endpoint-url={aws.endpoint_url}"]
    return replace(shell, extra=extra), options
