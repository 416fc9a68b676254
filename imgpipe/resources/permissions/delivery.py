"""What it takes to make the CDN; AWS chooses its ids, so that all of the account's count."""

from __future__ import annotations

from imgpipe.aws.actions import PARTITIONED, Grant, allow
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.edge_function import EdgeFunction
from imgpipe.resources.key_value_store import KeyValueStore
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


def of_store(service: str, *actions: str) -> tuple[Grant, ...]:
    """Return ``actions`` on any key value store: AWS chooses what the one is called."""
    return allow(service, f"{PARTITIONED}cloudfront::{{account}}:key-value-store/*", *actions)


@permissions.register
def _key_value_store(_: KeyValueStore) -> Permissions:
    described = of_store("cloudfront", "DescribeKeyValueStore")
    told = of_store("cloudfront-keyvaluestore", "DescribeKeyValueStore")
    fill = (*described, *told, *of_store("cloudfront-keyvaluestore", "UpdateKeys"))
    tag = of_store("cloudfront", "TagResource")
    return Permissions(
        (*described, *told, *of_store("cloudfront", "ListTagsForResource")),
        (*fill, *tag, *of_store("cloudfront", "CreateKeyValueStore")),
        (*fill, *tag),
        (*described, *of_store("cloudfront", "DeleteKeyValueStore")),
    )


@permissions.register
def _edge_function(function: EdgeFunction) -> Permissions:
    """An edge function's ARN has its name, and no region."""
    name = f"{PARTITIONED}cloudfront::{{account}}:function/{function.name}"
    described = allow("cloudfront", name, "DescribeFunction")
    publish = (*described, *allow("cloudfront", name, "PublishFunction", "TagResource"))
    return Permissions(
        (*described, *allow("cloudfront", name, "GetFunction", "ListTagsForResource")),
        (*publish, *allow("cloudfront", name, "CreateFunction")),
        (*publish, *allow("cloudfront", name, "UpdateFunction")),
        (*described, *allow("cloudfront", name, "DeleteFunction")),
    )
