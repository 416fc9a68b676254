"""What it takes to make the CDN; AWS chooses its ids, so that all of the account's count."""

from __future__ import annotations

from imgpipe.aws.actions import allow
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.origin_access_control import OriginAccessControl
from imgpipe.resources.permissions._of import Permissions, permissions


@permissions.register
def _control(control: OriginAccessControl) -> Permissions:
    name = control.name
    return Permissions(
        allow("cloudfront", name, "ListOriginAccessControls"),
        allow("cloudfront", name, "CreateOriginAccessControl"),
        allow("cloudfront", name, "GetOriginAccessControl", "UpdateOriginAccessControl"),
        allow("cloudfront", name, "GetOriginAccessControl", "DeleteOriginAccessControl"),
    )


@permissions.register
def _distribution(distribution: Distribution) -> Permissions:
    """CreateDistributionWithTags asks for two rights, neither of its own name.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistributionWithTags.html
    """
    name = distribution.name
    change = allow("cloudfront", name, "GetDistributionConfig", "UpdateDistribution")
    return Permissions(
        allow("cloudfront", name, "ListDistributions", "ListTagsForResource", "GetDistribution"),
        allow("cloudfront", name, "CreateDistribution", "TagResource"),
        (*change, *allow("cloudfront", name, "TagResource")),
        (
            *change,
            *allow("cloudfront", name, "DeleteDistribution"),
            # Asked of a distribution with a web ACL alone: only that can have a plan.
            *allow("pricingplanmanager", name, "ListSubscriptions"),
        ),
    )
