"""A role: trusted by one service only, allowed what its policy says and no more."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from imgpipe.aws.errors import already_gone, or_none
from imgpipe.aws.policies import (
    Policy,
    extended,
    invalidation_statement,
    key_statements,
    trust_policy,
)
from imgpipe.aws.policy_text import canonical, normalised
from imgpipe.aws.tags import tag_dict, tag_list
from imgpipe.engine.resource import Live, Properties, Resource, TaggedResource
from imgpipe.resources import role_policies
from imgpipe.resources.role_policies import send

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

POLICY_NAME: Final = "ImagePipeline"
_LEFT_ALONE: Final = {"Path": "/", "PermissionsBoundary": ""}


@dataclass(frozen=True)
class Role(TaggedResource):
    """A role with one inline ``policy`` (JSON) and ``managed_policies`` (ARNs), for Lambda.

    A ``path`` or ``boundary`` (a policy's ARN) that is not given is left as it is: a boundary only
    ever takes away, and somebody may have put it there.

    The ARNs in the policy follow from names. Looked for is only what the buckets that are read
    (``source``) and written (``destination``) are encrypted with, as it may be a key of somebody's
    own, and the distribution that the role ``invalidates``, as AWS chooses its id. Read-only
    attributes: ``Arn``, and ``RoleId``, which no other role ever has, not even the next one of this
    name.
    """

    type: ClassVar[str] = "AWS::IAM::Role"
    title: str = field(default="execution role", kw_only=True)
    description: ClassVar[str] = "Runs a function of imgpipe's"
    policy: str
    managed_policies: tuple[str, ...] = ()
    path: str = ""
    boundary: str = ""
    source: Resource | None = None
    destination: Resource | None = None
    invalidates: Resource | None = None

    @property
    def iam_name(self) -> str:
        """Its name behind its path, as the end of its ARN."""
        return f"{self.path.strip('/')}/{self.name}".lstrip("/")

    def properties(self, live: Live) -> Properties:
        """Return trust, policies and tags; a policy that somebody adds is a difference."""
        return {
            "AssumeRolePolicyDocument": normalised(self.trust()),
            "Policies": {POLICY_NAME: normalised(self._policy(live))},
            "ManagedPolicyArns": sorted(self.managed_policies),
            "Tags": dict(self.tags),
            **_given(Path=self.path, PermissionsBoundary=self.boundary),
        }

    def trust(self) -> Policy:
        """Return who may assume it: Lambda."""
        return trust_policy()

    def _policy(self, live: Live) -> Policy:
        statements = key_statements(*(_key(live, each) for each in (self.source, self.destination)))
        if self.invalidates:
            arn = live.attribute(self.invalidates, "Arn")
            statements = (*statements, invalidation_statement(arn))
        return extended(json.loads(self.policy), statements)

    def keeping(self, desired: Properties, live: Properties) -> Properties:
        """Return ``desired`` with the path and the boundary that are there, where none is given."""
        there = {name: live[name] for name, usual in _LEFT_ALONE.items() if live[name] != usual}
        return {**there, **desired}

    def replaced(self, changed: frozenset[str]) -> bool:
        """Say whether the path changes, which IAM cannot change."""
        return "Path" in changed

    def read(self, aws: Aws) -> Properties | None:
        """Return the role; ``Policies`` maps the inline ones' names to their documents."""
        return or_none(lambda: _describe(aws, self.name))

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it, then give it its policies; a new role has none to look for and take away."""
        send(
            aws,
            aws.client("iam").create_role,
            RoleName=self.name,
            AssumeRolePolicyDocument=canonical(desired["AssumeRolePolicyDocument"]),
            Description=self.description,
            Tags=tag_list(desired["Tags"]),
            **{name: desired[name] for name in _LEFT_ALONE if name in desired},
        )
        role_policies.grant(aws, self.name, desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what ``changed`` names; for another path, make another role in its place.

        A policy of the new kind comes before those of the old kind go: the function works on.
        """
        if self.replaced(changed):
            self._replace(aws, desired)
            return
        _update(aws, self.name, desired, changed)

    def _replace(self, aws: Aws, desired: Properties) -> None:
        self.delete(aws, {})
        aws.settle(
            lambda: self.read(aws),
            lambda live: live is None,
            what=f"deletion of role {self.name}",
            every=1,
        )
        self.create(aws, desired)

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
            send(aws, aws.client("iam").delete_role, RoleName=self.name)


def _given(**settings: str) -> dict[str, str]:
    return {name: value for name, value in settings.items() if value}


def _key(live: Live, bucket: Resource | None) -> str:
    return str(live.get(bucket, {}).get("KmsKeyArn", "")) if bucket else ""


def _describe(aws: Aws, name: str) -> dict[str, Any]:
    """Ask for all at once: no service is as slow as IAM, and the function waits for its role."""
    iam = aws.client("iam")
    with ThreadPoolExecutor(3, thread_name_prefix="role") as pool:
        found = pool.submit(iam.get_role, RoleName=name)
        inline, attached = (
            pool.submit(role_policies.documents, aws, name),
            pool.submit(role_policies.attached, aws, name),
        )
    role = found.result()["Role"]
    return {
        "AssumeRolePolicyDocument": normalised(role["AssumeRolePolicyDocument"]),
        "Policies": normalised(inline.result()),
        "ManagedPolicyArns": attached.result(),
        "Tags": tag_dict(role.get("Tags", [])),
        "Arn": role["Arn"],
        "RoleId": role["RoleId"],
        "Path": role["Path"],
        "PermissionsBoundary": role.get("PermissionsBoundary", {}).get(
            "PermissionsBoundaryArn", ""
        ),
    }


def _update(aws: Aws, name: str, desired: Properties, changed: frozenset[str]) -> None:
    if "AssumeRolePolicyDocument" in changed:
        trust = canonical(desired["AssumeRolePolicyDocument"])
        send(aws, aws.client("iam").update_assume_role_policy, RoleName=name, PolicyDocument=trust)
    if "PermissionsBoundary" in changed:
        boundary = desired["PermissionsBoundary"]
        put = aws.client("iam").put_role_permissions_boundary
        send(aws, put, RoleName=name, PermissionsBoundary=boundary)
    if "ManagedPolicyArns" in changed:
        role_policies.attach(aws, name, set(desired["ManagedPolicyArns"]))
    if "Policies" in changed:
        role_policies.set_inline(aws, name, desired["Policies"])
    if "ManagedPolicyArns" in changed:
        role_policies.detach_others(aws, name, set(desired["ManagedPolicyArns"]))
    if "Tags" in changed:
        send(aws, aws.client("iam").tag_role, RoleName=name, Tags=tag_list(desired["Tags"]))


def _leave_instance_profiles(aws: Aws, name: str) -> None:
    iam = aws.client("iam")
    for page in iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName=name):
        for profile in page["InstanceProfiles"]:
            leave = partial(iam.remove_role_from_instance_profile, RoleName=name)
            leave(InstanceProfileName=profile["InstanceProfileName"])
