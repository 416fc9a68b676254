"""The role the function runs under: trusted by Lambda only, and allowed what its policy says and no more."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from imgpipe.aws.errors import absent, already_gone, error_code, or_none
from imgpipe.aws.policies import canonical, normalised, trust_policy
from imgpipe.aws.tags import tag_dict, tag_list
from imgpipe.engine.resource import Live, Properties, TaggedResource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.exceptions import ClientError

    from imgpipe.aws.account import Aws

POLICY_NAME: Final = "ImagePipeline"
# IAM is eventually consistent: a change may not be seen by the next call.
_PROPAGATION: Final = 60.0


@dataclass(frozen=True)
class Role(TaggedResource):
    """An execution role with the one inline ``policy`` (canonical JSON) and exactly the ``managed_policies`` (ARNs).

    The ARNs in the policy follow from names, so the role waits for nobody. Read-only attribute: ``Arn``.
    """

    type: ClassVar[str] = "AWS::IAM::Role"
    title: ClassVar[str] = "execution role"
    policy: str
    managed_policies: tuple[str, ...] = ()

    def properties(self, live: Live) -> Properties:
        """Trust, policies and tags. A policy somebody adds by hand is a difference: least privilege means no more."""
        return {
            "AssumeRolePolicyDocument": normalised(trust_policy()),
            "Policies": {POLICY_NAME: normalised(json.loads(self.policy))},
            "ManagedPolicyArns": sorted(self.managed_policies),
            "Tags": dict(self.tags),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the role with all its policies; ``Policies`` maps the inline ones' names to their documents."""
        return or_none(lambda: _describe(aws, self.name))

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it, then give it its policies; a new role has none to look for and take away."""
        aws.client("iam").create_role(
            RoleName=self.name,
            AssumeRolePolicyDocument=canonical(desired["AssumeRolePolicyDocument"]),
            Description="Runs imgpipe's image function",
            Tags=tag_list(desired["Tags"]),
        )
        aws.retry(lambda: _grant(aws, self.name, desired), _not_yet, seconds=_PROPAGATION)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what ``changed`` names; a policy of the new kind comes before those of the old kind go: the function works on."""
        aws.retry(lambda: _update(aws, self.name, desired, changed), _not_yet, seconds=_PROPAGATION)

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
            aws.retry(
                lambda: aws.client("iam").delete_role(RoleName=self.name),
                _still_in_use,
                seconds=_PROPAGATION,
            )


def _describe(aws: Aws, name: str) -> dict[str, Any]:
    """Ask for everything at once: no service answers as slowly as IAM, and the function waits for its role."""
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
    }


def _documents(aws: Aws, name: str) -> dict[str, Any]:
    iam = aws.client("iam")
    return {
        each: iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"]
        for each in _inline(aws, name)
    }


def _inline(aws: Aws, name: str) -> list[str]:
    pages = aws.client("iam").get_paginator("list_role_policies").paginate(RoleName=name)
    return [each for page in pages for each in page["PolicyNames"]]


def _attached(aws: Aws, name: str) -> list[str]:
    pages = aws.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=name)
    return sorted(each["PolicyArn"] for page in pages for each in page["AttachedPolicies"])


def _update(aws: Aws, name: str, desired: Properties, changed: frozenset[str]) -> None:
    iam = aws.client("iam")
    if "AssumeRolePolicyDocument" in changed:
        iam.update_assume_role_policy(
            RoleName=name, PolicyDocument=canonical(desired["AssumeRolePolicyDocument"])
        )
    if "ManagedPolicyArns" in changed:
        _attach(aws, name, set(desired["ManagedPolicyArns"]))
    if "Policies" in changed:
        _set_inline(aws, name, desired["Policies"])
    if "ManagedPolicyArns" in changed:
        _detach_others(aws, name, set(desired["ManagedPolicyArns"]))
    if "Tags" in changed:
        iam.tag_role(RoleName=name, Tags=tag_list(desired["Tags"]))


def _grant(aws: Aws, name: str, desired: Properties) -> None:
    for arn in desired["ManagedPolicyArns"]:
        aws.client("iam").attach_role_policy(RoleName=name, PolicyArn=arn)
    for each, document in desired["Policies"].items():
        aws.client("iam").put_role_policy(
            RoleName=name, PolicyName=each, PolicyDocument=canonical(document)
        )


def _set_inline(aws: Aws, name: str, policies: Mapping[str, Any]) -> None:
    iam = aws.client("iam")
    for each, document in policies.items():
        iam.put_role_policy(RoleName=name, PolicyName=each, PolicyDocument=canonical(document))
    for each in set(_inline(aws, name)) - set(policies):
        iam.delete_role_policy(RoleName=name, PolicyName=each)


def _attach(aws: Aws, name: str, arns: set[str]) -> None:
    for arn in sorted(arns - set(_attached(aws, name))):
        aws.client("iam").attach_role_policy(RoleName=name, PolicyArn=arn)


def _detach_others(aws: Aws, name: str, arns: set[str]) -> None:
    for arn in sorted(set(_attached(aws, name)) - arns):
        aws.client("iam").detach_role_policy(RoleName=name, PolicyArn=arn)


def _leave_instance_profiles(aws: Aws, name: str) -> None:
    iam = aws.client("iam")
    for page in iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName=name):
        for profile in page["InstanceProfiles"]:
            iam.remove_role_from_instance_profile(
                InstanceProfileName=profile["InstanceProfileName"], RoleName=name
            )


def _not_yet(error: ClientError) -> bool:
    """IAM does not find a role it has just made. A managed policy it does not find is a mistake that stays one."""
    return absent(error) and "role with name" in error.response["Error"].get("Message", "")


def _still_in_use(error: ClientError) -> bool:
    return error_code(error) == "DeleteConflict"
