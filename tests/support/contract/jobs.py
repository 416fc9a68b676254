"""The role of batch jobs, one of which runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from imgpipe.aws.job_policies import jobs_policy
from imgpipe.aws.policies import trust_policy
from imgpipe.aws.policy_text import canonical
from imgpipe.resources.jobs_role import JobsRole
from imgpipe.resources.role import POLICY_NAME
from tests.support.batch_operations import BEGAN, BatchOperations
from tests.support.contract import TAGS, Case, Drift

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_ROLE: Final = "ImageJobsRole"


def _iam(operation: str, **parameters: Any) -> Any:
    return lambda aws: getattr(aws.client("iam"), operation)(RoleName=_ROLE, **parameters)


def _remove(aws: Aws) -> None:
    _iam("delete_role_policy", PolicyName=POLICY_NAME)(aws)
    _iam("delete_role")(aws)


def _a_running_job(aws: Aws) -> None:
    role = f"arn:aws:iam::123456789012:role/{_ROLE}"
    job = {"JobId": "job-1", "Status": "Active", "CreationTime": BEGAN, "RoleArn": role}
    BatchOperations({"job-1": job}).attach(aws)
    anything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    more = {"Version": "2012-10-17", "Statement": [anything]}
    aws.client("iam").create_policy(PolicyName="More", PolicyDocument=json.dumps(more))


def _attach(aws: Aws) -> None:
    _iam("attach_role_policy", PolicyArn="arn:aws:iam::123456789012:policy/More")(aws)


JOBS_ROLE = Case(
    JobsRole(
        _ROLE,
        TAGS,
        policy=canonical(
            jobs_policy("arn:aws:lambda:f", "arn:aws:s3:::s", "arn:aws:s3:::l", "arn:aws:s3:::r")
        ),
        account="123456789012",
        title="jobs role",
    ),
    (),
    {
        "trust": Drift(
            _iam("update_assume_role_policy", PolicyDocument=canonical(trust_policy())),
            ("UpdateAssumeRolePolicy",),
        ),
        "policy": Drift(_iam("delete_role_policy", PolicyName=POLICY_NAME), ("PutRolePolicy",)),
        "another managed policy": Drift(_attach, ("DetachRolePolicy",)),
        "tag": Drift(_iam("untag_role", TagKeys=["team"]), ("TagRole",)),
    },
    remove=_remove,
    theirs=_iam("create_role", AssumeRolePolicyDocument="{}"),
    surroundings=_a_running_job,
)
CASES = (JOBS_ROLE,)
