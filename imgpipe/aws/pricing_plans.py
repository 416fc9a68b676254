"""CloudFront's flat-rate pricing plans, which keep what they cover from being deleted.

https://docs.aws.amazon.com/PricingPlanManager/latest/UserGuide/getting-started-pricingplanmanager-api.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# The only region that answers for the plans of all.
_REGION: Final = "us-east-1"


def subscribed(aws: Aws) -> set[str]:
    """Return the ARNs of what the account's pricing plans cover."""
    client = aws.client("pricing-plan-manager", _REGION)
    pages = client.get_paginator("list_subscriptions").paginate()
    plans = (plan for page in pages for plan in page["subscriptionSummaries"])
    return {arn for plan in plans for arn in plan["resourceArns"]}
