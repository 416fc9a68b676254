"""IAM actions and what each may be narrowed to; from what is to be done to the policy for it.

After AWS's service authorization reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from imgpipe.aws.policies import VERSION, Policy, Statement
from imgpipe.errors import SettingsError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# A managed policy's size, its white space not counted:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST_CHARACTERS: Final = 6_144

_LAYER: Final = ("lambda:{region}:{account}:layer:{name}",)
_LAYER_VERSION: Final = ("lambda:{region}:{account}:layer:{name}:*",)
_MAPPING: Final = ("lambda:{region}:{account}:event-source-mapping:*",)
_JOB: Final = ("s3:{region}:{account}:job/*",)
_CONTROL: Final = ("cloudfront::{account}:origin-access-control/*",)

_BY_SERVICE: Final = {
    "s3": ("s3:::{name}",),
    "iam": ("iam::{account}:role/{name}",),
    "dynamodb": ("dynamodb:{region}:{account}:table/{name}",),
    "sns": ("sns:{region}:{account}:{name}",),
    "cloudwatch": ("cloudwatch:{region}:{account}:alarm:{name}",),
    "sqs": ("sqs:{region}:{account}:{name}",),
    # With and without what follows the name: a version or an alias; a stream of lines.
    "lambda": (
        "lambda:{region}:{account}:function:{name}",
        "lambda:{region}:{account}:function:{name}:*",
    ),
    "logs": (
        "logs:{region}:{account}:log-group:{name}",
        "logs:{region}:{account}:log-group:{name}:*",
    ),
    # CloudFront reads certificates there alone; AWS chooses these ids.
    "acm": ("acm:us-east-1:{account}:certificate/*",),
    "route53": ("route53:::hostedzone/*",),
    "cloudfront": ("cloudfront::{account}:distribution/*",),
}
_BY_ACTION: Final = {
    "s3:DescribeJob": _JOB,
    "s3:UpdateJobStatus": _JOB,
    "s3:PutJobTagging": _JOB,
    "lambda:PublishLayerVersion": _LAYER,
    "lambda:GetLayerVersion": _LAYER_VERSION,
    "lambda:DeleteLayerVersion": _LAYER_VERSION,
    "lambda:UpdateEventSourceMapping": _MAPPING,
    "lambda:DeleteEventSourceMapping": _MAPPING,
    "cloudfront:GetOriginAccessControl": _CONTROL,
    "cloudfront:UpdateOriginAccessControl": _CONTROL,
    "cloudfront:DeleteOriginAccessControl": _CONTROL,
}
PARTITIONED: Final = "arn:{partition}:"
UNSCOPED: Final = frozenset(
    {
        "acm:ListCertificates",
        "acm:RequestCertificate",
        "cloudfront:CreateDistribution",
        "cloudfront:CreateKeyValueStore",
        "cloudfront:CreateOriginAccessControl",
        "cloudfront:ListDistributions",
        "cloudfront:ListOriginAccessControls",
        "cloudwatch:GetMetricStatistics",
        "dynamodb:ListBackups",
        "iam:GetAccountSummary",
        "lambda:CreateEventSourceMapping",
        "lambda:GetAccountSettings",
        "lambda:ListEventSourceMappings",
        "lambda:ListFunctions",
        "lambda:ListLayerVersions",
        "logs:DescribeLogGroups",
        "pricingplanmanager:ListSubscriptions",
        "route53:ListHostedZones",
        "s3:CreateJob",
        "s3:GetAccountPublicAccessBlock",
        "s3:ListAllMyBuckets",
        "s3:ListJobs",
        "tag:GetResources",
    }
)
"""The actions that AWS lets nobody narrow to a resource; some of them to a condition."""

Condition = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Grant:
    """The right to do ``action`` to what is called ``name``, on a ``condition`` of IAM's.

    A ``name`` may be a pattern or an ARN; one that begins as ``PARTITIONED``, and the values of a
    condition, may hold ``{region}`` and ``{account}``.
    """

    action: str
    name: str
    condition: Condition | None = None

    def arns(self, aws: Aws) -> Iterator[str]:
        """Yield the ARNs that it is narrowed to."""
        if self.action in UNSCOPED:
            yield "*"
        elif self.name.startswith(PARTITIONED):
            yield _placed(self.name.replace("{partition}", aws.partition), aws)
        elif self.name.startswith("arn:"):
            yield self.name
        else:
            patterns = _BY_ACTION.get(self.action) or _BY_SERVICE[self.action.partition(":")[0]]
            yield from (f"arn:{aws.partition}:{_placed(each, aws, self.name)}" for each in patterns)


def allow(
    service: str, name: str, *actions: str, condition: Condition | None = None
) -> tuple[Grant, ...]:
    """Return the right to do ``actions`` of ``service`` to what is called ``name``."""
    return tuple(Grant(f"{service}:{action}", name, condition) for action in actions)


def policy(grants: Iterable[Grant], aws: Aws) -> Policy:
    """Return the one policy for all ``grants``: what has the same ARNs stands in one statement."""
    wanted: dict[tuple[str, Condition | None], set[str]] = defaultdict(set)
    for grant in grants:
        wanted[grant.action, grant.condition].update(grant.arns(aws))
    together: dict[tuple[tuple[str, ...], Condition | None], list[str]] = defaultdict(list)
    for action, condition in sorted(wanted, key=str):
        together[_widest(wanted[action, condition]), condition].append(action)
    statements = [
        _statement(actions, arns, condition, aws) for (arns, condition), actions in together.items()
    ]
    return {"Version": VERSION, "Statement": statements}


def size(policy: Policy) -> int:
    """Return how many characters IAM counts of ``policy``: white space is none."""
    return len("".join(json.dumps(policy).split()))


def parts(policy: Policy) -> list[Policy]:
    """Return ``policy`` as policies that each fit a managed one; that is one, where it does."""
    found: list[Policy] = [{"Version": VERSION, "Statement": []}]
    for statement in policy["Statement"]:
        longer: Policy = {"Version": VERSION, "Statement": [*found[-1]["Statement"], statement]}
        if size(longer) <= MOST_CHARACTERS:
            found[-1] = longer
        else:
            found.append({"Version": VERSION, "Statement": [statement]})
    return found


def part(whole: Policy, number: int | None) -> Policy:
    """Return so manieth part of ``whole``, from 1; all of it for ``None``.

    Raises:
        SettingsError: there are not so many.
    """
    found = parts(whole)
    if number is not None and number > len(found):
        raise SettingsError(f"there is no part {number}: the policy has {len(found)}")
    return whole if number is None else found[number - 1]


def _statement(
    actions: Sequence[str], arns: tuple[str, ...], condition: Condition | None, aws: Aws
) -> Statement:
    statement = {"Effect": "Allow", "Action": _plain(actions), "Resource": _plain(arns)}
    if condition is None:
        return statement
    operator, key, values = condition
    placed = _plain([_placed(each, aws) for each in values])
    return {**statement, "Condition": {operator: {key: placed}}}


def _plain(values: Sequence[str]) -> str | list[str]:
    """Return a list of one as its element: IAM takes both, and counts characters."""
    return values[0] if len(values) == 1 else list(values)


def _placed(text: str, aws: Aws, name: str = "") -> str:
    return text.format(region=aws.region, account=aws.account, name=name)


def _widest(arns: set[str]) -> tuple[str, ...]:
    """Return ``arns`` less those that another of them, a pattern, covers."""
    return tuple(
        sorted(
            each
            for each in arns
            if not any(other != each and fnmatchcase(each, other) for other in arns)
        )
    )
