"""Quotas of the account, near their end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from imgpipe.pipeline.doctor.probe import AdviceError, Patient, Probe

_NEAR: Final = 0.9
# Below this, uploads of some pictures wait for each other.
_FEW_AT_ONCE: Final = 10
# What an account has that never asked for more; what it was given since, these services do not say.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
_DISTRIBUTIONS: Final = 500
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html
_BUCKETS: Final = 10_000


def _lambda(patient: Patient) -> Iterator[str]:
    answer: dict[str, Any] = patient.pipeline.aws.client("lambda").get_account_settings()
    limit, used = answer["AccountLimit"], answer["AccountUsage"]
    if (at_once := int(limit["UnreservedConcurrentExecutions"])) <= _FEW_AT_ONCE:
        yield f"the account may run {at_once} functions at once"
    if used["TotalCodeSize"] >= _NEAR * limit["TotalCodeSize"]:
        share = 100 * used["TotalCodeSize"] // limit["TotalCodeSize"]
        yield f"{share} % of the room for functions' code is taken"


def _iam(patient: Patient) -> Iterator[str]:
    summary = patient.pipeline.aws.client("iam").get_account_summary()["SummaryMap"]
    for what in ("Roles", "Policies"):
        used, quota = summary.get(what, 0), summary.get(f"{what}Quota", 0)
        if quota and used >= _NEAR * quota:
            yield f"{used} of {quota} {what.lower()} are there"


def _cloudfront(patient: Patient) -> Iterator[str]:
    """The service tells how many there are, and not how many there may be."""
    pages = patient.pipeline.aws.client("cloudfront").get_paginator("list_distributions").paginate()
    _advise(pages.search("DistributionList.Items[].Id"), _DISTRIBUTIONS, "distributions")
    yield from ()


def _s3(patient: Patient) -> Iterator[str]:
    """Accounts with room for more buckets must ask for them in pages."""
    pager = patient.pipeline.aws.client("s3").get_paginator("list_buckets")
    pages = pager.paginate(PaginationConfig={"PageSize": 1000})
    _advise(pages.search("Buckets[].Name"), _BUCKETS, "buckets")
    yield from ()


def _advise(found: Iterable[str | None], quota: int, what: str) -> None:
    used = sum(each is not None for each in found)
    if used >= _NEAR * quota:
        raise AdviceError(
            f"{used:,} {what} are there, and {quota:,} may be unless you asked for more"
        )


_MORE: Final = "ask for more in the Service Quotas console, or delete some"
PROBES: Final = (
    Probe(
        "quota: Lambda",
        "functions at once, and room for code",
        "ask for more in the Service Quotas console, or delete versions of other functions",
        _lambda,
    ),
    Probe("quota: IAM", "roles and policies of the account", _MORE, _iam),
    Probe("quota: CloudFront", "distributions of the account", _MORE, _cloudfront),
    Probe("quota: S3", "buckets of the account", _MORE, _s3),
)
