"""THE table of prices, US dollars: list prices of the first tier, without any free tier.

From the price lists that AWS publishes for each region and service, such as
https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonDynamoDB/current/eu-central-1/index.json,
and the pages made of them: https://aws.amazon.com/lambda/pricing/, /s3/pricing/,
/dynamodb/pricing/on-demand/, /cloudwatch/pricing/, /cloudfront/pricing/pay-as-you-go/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

AS_OF: Final = "2026-09"
SOURCE: Final = "https://aws.amazon.com/pricing/"


@dataclass(frozen=True)
class Prices:
    """One region's: requests and units of DynamoDB by the million, the rest as its name says.

    ``table_gb``, ``recovery_gb`` and ``object_gb`` are for a GB and month.
    """

    put: float
    get: float
    object_gb: float
    write: float
    read: float
    table_gb: float
    recovery_gb: float
    log_gb: float
    invocation: float = 0.20
    arm_gb_second: float = 0.0000133334
    x86_gb_second: float = 0.0000166667

    def gb_second(self, architecture: str) -> float:
        """Return the price of Lambda's GB-second on ``architecture``."""
        return self.arm_gb_second if architecture == "arm64" else self.x86_gb_second


_VIRGINIA: Final = Prices(
    put=5.00,
    get=0.40,
    object_gb=0.023,
    write=0.625,
    read=0.125,
    table_gb=0.25,
    recovery_gb=0.20,
    log_gb=0.50,
)
FALLBACK: Final = "us-east-1"
PRICES: Final = {
    FALLBACK: _VIRGINIA,
    "us-east-2": _VIRGINIA,
    "us-west-2": _VIRGINIA,
    "eu-west-1": Prices(5.00, 0.40, 0.023, 0.705, 0.1415, 0.283, 0.2264, 0.57),
    "eu-central-1": Prices(5.40, 0.43, 0.0245, 0.7625, 0.1525, 0.306, 0.2448, 0.63),
    "ap-northeast-1": Prices(4.70, 0.37, 0.025, 0.715, 0.1425, 0.285, 0.228, 0.76),
}

# CloudFront's are by where the visitor is; those of Europe and North America, the lowest but one.
CDN_GB: Final = 0.085
CDN_REQUESTS: Final = 1.00
# A million runs of a CloudFront Function, wherever: https://aws.amazon.com/cloudfront/pricing/
EDGE_RUNS: Final = 0.10
# S3 Batch Operations: a job, a million objects of it, and a million objects of a bucket listed for
# it, in every region of the table: https://aws.amazon.com/s3/pricing/ (Management & insights).
_JOB: Final = 0.25
_JOB_OBJECTS: Final = 1.00
_JOB_LISTED: Final = 0.015
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html
INVALIDATION: Final = 0.005
FREE_INVALIDATIONS: Final = 1000


@dataclass(frozen=True)
class Known:
    """The ``prices`` that are reckoned with, and the ``region`` that they are of."""

    region: str
    prices: Prices


def prices_in(region: str) -> Known:
    """Return the prices of ``region``; of one that is not in the table, those of us-east-1."""
    known = region if region in PRICES else FALLBACK
    return Known(known, PRICES[known])


def note(region: str, known: Known) -> str:
    """Return the sentence that says that ``region`` is not in the table; empty where it is."""
    if region == known.region:
        return ""
    return (
        f"the prices of {region} are not in imgpipe's table: these are those of {known.region}; "
        "other regions are dearer, most of them by up to a quarter"
    )


def job(objects: int, *, listed: bool) -> float:
    """Return what a job of S3 Batch Operations costs, without what the function of it does.

    ``listed`` says that S3 itself lists the bucket for it.
    """
    million = _JOB_OBJECTS + (_JOB_LISTED if listed else 0)
    return _JOB + objects * million / 1e6
