"""The function's role: trusted by Lambda only, allowed what its policy says and no more."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from imgpipe.aws.errors import already_gone, or_none
from imgpipe.aws.policies import canonical, extended, key_statements, normalised, trust_policy
from imgpipe.aws.tags import tag_dict, tag_list
from imgpipe.engine.resource import Live, Properties, Resource, TaggedResource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imgpipe.aws.account import Aws

POLICY_NAME: Final = "ImagePipeline"


@dataclass(frozen=True)
class Role(TaggedResource):
    """An execution role with one inline ``policy`` (JSON) and ``managed_policies`` (ARNs).

    The ARNs in the policy follow from names; only what the ``source`` and ``destination`` buckets
    are encrypted with is looked for, as it may be a key of somebody's own. Read-only attributes:
    ``Arn``, and ``RoleId``, which no other role ever has, not even the next one of this name.
    """

    type: ClassVar[str] = "AWS::IAM::Role"
    title: ClassVar[str] = "execution role"
    policy: str
    managed_policies: tuple[str, ...] = ()
    source: Resource | None = None
    destination: Resource | None = None

    def properties(self, live: Live) -> Properties:
        """Return trust, policies and tags; a policy that somebody adds is a difference."""
        keys = key_statements(*(_key(live, each) for each in (self.source, self.destination)))
        return {
            "AssumeRolePolicyDocument": normalised(trust_policy()),
            "Policies": {POLICY_NAME: normalised(extended(json.loads(self.policy), keys))},
            "ManagedPolicyArns": sorted(self.managed_policies),
            "Tags": dict(self.tags),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the role; ``Policies`` maps the inline ones' names to their documents."""
        return or_none(lambda: _describe(aws, self.name))

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it, then give it its policies; a new role has none to look for and take away."""
        _send(
            aws,
            aws.client("iam").create_role,
            RoleName=self.name,
            AssumeRolePolicyDocument=canonical(desired["AssumeRolePolicyDocument"]),
            Description="Runs imgpipe's image function",
            Tags=tag_list(desired["Tags"]),
        )
        _grant(aws, self.name, desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what ``changed`` names.

        A policy of the new kind comes before those of the old kind go: the function works on.
        """
        _update(aws, self.name, desired, changed)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it after all that hangs on it: policies of every kind and instance profiles."""
        with already_gone():
            _update(
                aws,
                self.name,
                {"Policies": {}, "ManagedPolicyArns": []},
                frozenset({"Policies", "ManagedPolicyArns"}),
            )
            _leave_instance_profiles(aws, self.name)
            _send(aws, aws.client("iam").delete_role, RoleName=self.name)


def _key(live: Live, bucket: Resource | None) -> str:
    return str(live.get(bucket, {}).get("KmsKeyArn", "")) if bucket else ""


def _describe(aws: Aws, name: str) -> dict[str, Any]:
    """Ask for all at once: no service is as slow as IAM, and the function waits for its role."""
    iam = aws.client("iam")
    with ThreadPoolExecutor(3, thread_name_prefix="role") as pool:
        found = pool.submit(iam.get_role, RoleName=name)
        inline, attached = pool.submit(_documents, aws, name), pool.submit(_attached, aws, name)
    role = found.result()["Role"]
    return {
        "AssumeRolePolicyDocument": normalised(role["AssumeRolePolicyDocument"]),
        "Policies": normalised(inline.result()),
        "ManagedPolicyArns": attached.result(),
        "Tags": tag_dict(role.get("Tags", [])),
        "Arn": role["Arn"],
        "RoleId": role["RoleId"],
    }


def _send(aws: Aws, call: Callable[..., object], **parameters: object) -> None:
    """Send a change; IAM may not see a role it has just made, and takes one change at a time."""
    aws.eventually("iam", lambda: call(**parameters))


def _documents(aws: Aws, name: str) -> dict[str, Any]:
    iam = aws.client("iam")
    return {
        policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in _inline(aws, name)
    }


def _inline(aws: Aws, name: str) -> list[str]:
    pages = aws.client("iam").get_paginator("list_role_policies").paginate(RoleName=name)
    return [policy for page in pages for policy in page["PolicyNames"]]


def _attached(aws: Aws, name: str) -> list[str]:
    pages = aws.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=name)
    return sorted(each["PolicyArn"] for page in pages for each in page["AttachedPolicies"])


def _update(aws: Aws, name: str, desired: Properties, changed: frozenset[str]) -> None:
    if "AssumeRolePolicyDocument" in changed:
        trust = canonical(desired["AssumeRolePolicyDocument"])
        _send(aws, aws.client("iam").update_assume_role_policy, RoleName=name, PolicyDocument=trust)
    if "ManagedPolicyArns" in changed:
        _attach(aws, name, set(desired["ManagedPolicyArns"]))
    if "Policies" in changed:
        _set_inline(aws, name, desired["Policies"])
    if "ManagedPolicyArns" in changed:
        _detach_others(aws, name, set(desired["ManagedPolicyArns"]))
    if "Tags" in changed:
        _send(aws, aws.client("iam").tag_role, RoleName=name, Tags=tag_list(desired["Tags"]))


def _grant(aws: Aws, name: str, desired: Properties) -> None:
    for arn in desired["ManagedPolicyArns"]:
        _send(aws, aws.client("iam").attach_role_policy, RoleName=name, PolicyArn=arn)
    for policy, document in desired["Policies"].items():
        _put_inline(aws, name, policy, document)


def _put_inline(aws: Aws, name: str, policy: str, document: Any) -> None:
    text = canonical(document)
    _send(
        aws,
        aws.client("iam").put_role_policy,
        RoleName=name,
        PolicyName=policy,
        PolicyDocument=text,
    )


def _set_inline(aws: Aws, name: str, policies: Mapping[str, Any]) -> None:
    for policy, document in policies.items():
        _put_inline(aws, name, policy, document)
    for policy in set(_inline(aws, name)) - set(policies):
        _send(aws, aws.client("iam").delete_role_policy, RoleName=name, PolicyName=policy)


def _attach(aws: Aws, name: str, arns: set[str]) -> None:
    for arn in sorted(arns - set(_attached(aws, name))):
        _send(aws, aws.client("iam").attach_role_policy, RoleName=name, PolicyArn=arn)


def _detach_others(aws: Aws, name: str, arns: set[str]) -> None:
    for arn in sorted(set(_attached(aws, name)) - arns):
        _send(aws, aws.client("iam").detach_role_policy, RoleName=name, PolicyArn=arn)


def _leave_instance_profiles(aws: Aws, name: str) -> None:
    iam = aws.client("iam")
    for page in iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName=name):
        for profile in page["InstanceProfiles"]:
            leave = partial(iam.remove_role_from_instance_profile, RoleName=name)
            leave(InstanceProfileName=profile["InstanceProfileName"])
