"""Convert CloudFront's DistributionConfig to CloudFormation's words and back.

Only what is ours is looked at; all else is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from imgpipe.aws import distribution_names
from imgpipe.aws.distribution_lists import Config, laid_over, like, over, plain, spelled, without

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
SECURITY_HEADERS: Final = "67f7725c-6f97-4210-82d7-5512b31e9d03"

# Its cache key is the path alone, in no encoding:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_UNCOMPRESSED: Final = "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"

_ORIGIN_ID: Final = "imgpipe"
_DELIVERY_ID: Final = "imgpipe-delivery"
_METHODS: Final = ["GET", "HEAD"]
# Seconds for which "not there" is remembered: an address may be opened just before its picture is
# processed. A missing key reads 403, because CloudFront may not list the bucket.
_ERROR_TTL: Final = 10
_ERRORS: Final = (403, 404)
# With renditions on demand a fault may pass by the next request; else CloudFront keeps it for 10 s.
_FAULTS: Final = (500, 502, 503, 504)
# The lists in which ours stand beside others', and what tells them apart.
_LISTS: Final = {
    "Origins": "Id",
    "CacheBehaviors": "PathPattern",
    "CustomErrorResponses": "ErrorCode",
}
_PLAIN: Final = ("Enabled", "DefaultRootObject", "HttpVersion", "PriceClass")


@dataclass(frozen=True)
class Delivery:
    """What answers paths under ``path_pattern``: a function's URL, by its ``domain_name``.

    ``origin_access_control_id`` signs, and the CloudFront Function ``function_arn`` rewrites what
    visitors ask for.
    """

    path_pattern: str
    domain_name: str
    origin_access_control_id: str
    function_arn: str


def desired_config(
    domain_name: str, origin_access_control_id: str, delivery: Delivery | None = None
) -> dict[str, Any]:
    """Return the properties of a distribution before a private bucket, and before ``delivery``."""
    origin = {
        "Id": _ORIGIN_ID,
        "DomainName": domain_name,
        "OriginAccessControlId": origin_access_control_id,
        # Says "an S3 origin", and that the way to sign of old, an origin access identity, is not
        # used.
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behavior = {
        "TargetOriginId": _ORIGIN_ID,
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": CACHING_OPTIMIZED,
        "ResponseHeadersPolicyId": SECURITY_HEADERS,
        "Compress": True,
        "AllowedMethods": _METHODS,
    }
    return {
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "HttpVersion": "http2and3",
        "PriceClass": "PriceClass_All",
        "IPV6Enabled": True,
        "Origins": [origin, *([_function_origin(delivery)] if delivery else [])],
        "DefaultCacheBehavior": behavior,
        "CacheBehaviors": [_behavior_of(delivery)] if delivery else [],
        "CustomErrorResponses": [
            *({"ErrorCode": code, "ErrorCachingMinTTL": _ERROR_TTL} for code in _ERRORS),
            *({"ErrorCode": code, "ErrorCachingMinTTL": 0} for code in _FAULTS if delivery),
        ],
    }


def _function_origin(delivery: Delivery) -> dict[str, Any]:
    return {
        "Id": _DELIVERY_ID,
        "DomainName": delivery.domain_name,
        "OriginAccessControlId": delivery.origin_access_control_id,
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
            "OriginSslProtocols": ["TLSv1.2"],
        },
    }


def _behavior_of(delivery: Delivery) -> dict[str, Any]:
    return {
        "PathPattern": delivery.path_pattern,
        "TargetOriginId": _DELIVERY_ID,
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": CACHING_UNCOMPRESSED,
        "ResponseHeadersPolicyId": SECURITY_HEADERS,
        "Compress": False,
        "AllowedMethods": _METHODS,
        "FunctionAssociations": [
            {"EventType": "viewer-request", "FunctionARN": delivery.function_arn}
        ],
    }


def live_properties(config: Config) -> dict[str, Any]:
    """Return a live ``config`` in the words, and with only the members, of ``desired_config``.

    AWS fills in defaults wherever nothing was said, new ones every year; none of them is a
    difference.
    """
    told, shape = plain(config), desired_config("", "", Delivery("", "", "", ""))
    codes = (*_ERRORS, *(_FAULTS if _delivers(told) else ()))
    behavior = told["DefaultCacheBehavior"]
    return {
        **{name: told.get(name) for name in _PLAIN},
        "HttpVersion": str(told.get("HttpVersion", "")).lower(),
        "IPV6Enabled": told.get("IsIPV6Enabled"),
        "Origins": _ours(told, shape, "Origins", "Id"),
        "DefaultCacheBehavior": like(behavior, shape["DefaultCacheBehavior"]),
        "CacheBehaviors": _ours(told, shape, "CacheBehaviors", "TargetOriginId"),
        "CustomErrorResponses": [
            each
            for each in _ours(told, shape, "CustomErrorResponses", "ErrorCode")
            if each["ErrorCode"] in codes
        ],
    }


def _ours(told: Config, shape: Config, name: str, key: str) -> list[Any]:
    """Return the elements of the list ``name`` that ``shape`` has, too, in its order."""
    there = {each[key]: each for each in told.get(name, [])}
    return [like(there[each[key]], each) for each in shape[name] if each[key] in there]


def merged(config: Config, desired: Config) -> dict[str, Any]:
    """Return ``config``, as CloudFront gave it, with ``desired`` laid over it.

    UpdateDistribution replaces everything, so what somebody added (names, a certificate, logging,
    further behaviors) is sent back. Of ours, what is not desired any more is left out.
    """
    there = config if desired["CacheBehaviors"] else _undelivered(config)
    behavior = spelled(desired["DefaultCacheBehavior"])
    return {
        **there,
        **distribution_names.written(desired),
        **{name: desired[name] for name in _PLAIN},
        "IsIPV6Enabled": desired["IPV6Enabled"],
        "DefaultCacheBehavior": over(there.get("DefaultCacheBehavior"), behavior),
        **{name: laid_over(there.get(name), desired[name], key) for name, key in _LISTS.items()},
    }


def _undelivered(config: Config) -> Config:
    """Return ``config`` without what renditions on demand have brought into it."""
    if not _delivers(plain(config)):
        return config
    ours = {
        "Origins": lambda each: each["Id"] == _DELIVERY_ID,
        "CacheBehaviors": lambda each: each["TargetOriginId"] == _DELIVERY_ID,
        "CustomErrorResponses": lambda each: (
            each["ErrorCode"] in _FAULTS and each["ErrorCachingMinTTL"] == 0
        ),
    }
    return {**config, **{name: without(config[name], goes) for name, goes in ours.items()}}


def _delivers(told: Config) -> bool:
    return any(each["Id"] == _DELIVERY_ID for each in told.get("Origins", []))
