"""The policies of a role: inline ones by their names, managed ones by their ARNs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgpipe.aws.policy_text import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Properties


def send(aws: Aws, call: Callable[..., object], **parameters: object) -> None:
    """Send a change; IAM may not see a role it has just made, and takes one change at a time."""
    aws.eventually("iam", lambda: call(**parameters))


def documents(aws: Aws, name: str) -> dict[str, Any]:
    """Return the inline policies by name (``iam:GetRolePolicy``)."""
    iam = aws.client("iam")
    return {
        policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in _inline(aws, name)
    }


def _inline(aws: Aws, name: str) -> list[str]:
    pages = aws.client("iam").get_paginator("list_role_policies").paginate(RoleName=name)
    return [policy for page in pages for policy in page["PolicyNames"]]


def attached(aws: Aws, name: str) -> list[str]:
    """Return the ARNs of the managed policies, in order."""
    pages = aws.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=name)
    return sorted(each["PolicyArn"] for page in pages for each in page["AttachedPolicies"])


def grant(aws: Aws, name: str, desired: Properties) -> None:
    """Give a new role its policies; there is none to look for and take away."""
    for arn in desired["ManagedPolicyArns"]:
        send(aws, aws.client("iam").attach_role_policy, RoleName=name, PolicyArn=arn)
    for policy, document in desired["Policies"].items():
        _put_inline(aws, name, policy, document)


def _put_inline(aws: Aws, name: str, policy: str, document: Any) -> None:
    text = canonical(document)
    send(
        aws,
        aws.client("iam").put_role_policy,
        RoleName=name,
        PolicyName=policy,
        PolicyDocument=text,
    )


def set_inline(aws: Aws, name: str, policies: Mapping[str, Any]) -> None:
    """Put each of ``policies``, by name, and delete every other."""
    for policy, document in policies.items():
        _put_inline(aws, name, policy, document)
    for policy in set(_inline(aws, name)) - set(policies):
        send(aws, aws.client("iam").delete_role_policy, RoleName=name, PolicyName=policy)


def attach(aws: Aws, name: str, arns: set[str]) -> None:
    """Attach those of ``arns`` that are not attached."""
    for arn in sorted(arns - set(attached(aws, name))):
        send(aws, aws.client("iam").attach_role_policy, RoleName=name, PolicyArn=arn)


def detach_others(aws: Aws, name: str, arns: set[str]) -> None:
    """Detach all but ``arns``."""
    for arn in sorted(set(attached(aws, name)) - arns):
        send(aws, aws.client("iam").detach_role_policy, RoleName=name, PolicyArn=arn)
