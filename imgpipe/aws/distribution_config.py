"""Convert CloudFront's DistributionConfig to CloudFormation's words and back.

Only what is ours is looked at; all else is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from imgpipe.aws import distribution_names

Config = Mapping[str, Any]

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
SECURITY_HEADERS: Final = "67f7725c-6f97-4210-82d7-5512b31e9d03"

_ORIGIN_ID: Final = "imgpipe"
_METHODS: Final = ["GET", "HEAD"]
# Seconds for which "not there" is remembered: an address may be opened just before its picture is
# processed. A missing key reads 403, because CloudFront may not list the bucket.
_ERROR_TTL: Final = 10
_ERRORS: Final = (403, 404)
_PLAIN: Final = ("Enabled", "DefaultRootObject", "HttpVersion", "PriceClass")


def desired_config(domain_name: str, origin_access_control_id: str) -> dict[str, Any]:
    """Return the properties of a distribution before a private bucket."""
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
        "Origins": [origin],
        "DefaultCacheBehavior": behavior,
        "CustomErrorResponses": [
            {"ErrorCode": code, "ErrorCachingMinTTL": _ERROR_TTL} for code in _ERRORS
        ],
    }


def live_properties(config: Config) -> dict[str, Any]:
    """Return a live ``config`` in the words, and with only the members, of ``desired_config``.

    AWS fills in defaults wherever nothing was said, new ones every year; none of them is a
    difference.
    """
    behavior = config["DefaultCacheBehavior"]
    known = {
        **{name: config.get(name) for name in _PLAIN},
        "HttpVersion": str(config.get("HttpVersion", "")).lower(),
        "IPV6Enabled": config.get("IsIPV6Enabled"),
        "Origins": [each for each in _items(config.get("Origins")) if each["Id"] == _ORIGIN_ID],
        "DefaultCacheBehavior": {
            **behavior,
            "AllowedMethods": sorted(_items(behavior.get("AllowedMethods"))),
        },
        "CustomErrorResponses": sorted(
            _our_errors(config), key=lambda each: int(each["ErrorCode"])
        ),
    }
    return dict(_like(known, desired_config("", "")))


def merged(config: Config, desired: Config) -> dict[str, Any]:
    """Return ``config``, as CloudFront gave it, with ``desired`` laid over it.

    UpdateDistribution replaces everything, so what somebody added (names, a certificate, logging,
    further behaviors) is sent back.
    """
    behavior = {
        **desired["DefaultCacheBehavior"],
        "AllowedMethods": {**_listed(_METHODS), "CachedMethods": _listed(_METHODS)},
    }
    return {
        **config,
        **distribution_names.written(desired),
        **{name: desired[name] for name in _PLAIN},
        "IsIPV6Enabled": desired["IPV6Enabled"],
        "Origins": _laid_over(config.get("Origins"), desired["Origins"], "Id"),
        "DefaultCacheBehavior": _over(config.get("DefaultCacheBehavior"), behavior),
        "CustomErrorResponses": _laid_over(
            config.get("CustomErrorResponses"), desired["CustomErrorResponses"], "ErrorCode"
        ),
    }


def _our_errors(config: Config) -> list[Any]:
    return [
        each for each in _items(config.get("CustomErrorResponses")) if each["ErrorCode"] in _ERRORS
    ]


def _items(listed: Config | None) -> list[Any]:
    """Return the elements of CloudFront's ``{"Quantity": n, "Items": [...]}``."""
    return list((listed or {}).get("Items") or [])


def _listed(items: Iterable[Any]) -> dict[str, Any]:
    elements = list(items)
    return {"Quantity": len(elements), "Items": elements}


def _like(live: Any, shape: Any) -> Any:
    """Return ``live`` cut down to the members that ``shape`` has."""
    if isinstance(shape, Mapping):
        return {name: _like((live or {}).get(name), value) for name, value in shape.items()}
    if isinstance(shape, list) and isinstance(shape[0], Mapping):
        return [_like(each, shape[0]) for each in live]
    return live


def _over(below: Config | None, above: Config) -> dict[str, Any]:
    there = below or {}
    return {
        **there,
        **{
            name: _over(there.get(name), value) if isinstance(value, Mapping) else value
            for name, value in above.items()
        },
    }


def _laid_over(below: Config | None, above: Iterable[Config], key: str) -> dict[str, Any]:
    """Return a CloudFront list with each of ``above`` laid over its namesake, or added."""
    there = {each[key]: each for each in _items(below)}
    return _listed(
        {**there, **{each[key]: _over(there.get(each[key]), each) for each in above}}.values()
    )
