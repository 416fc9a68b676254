"""The names that a distribution answers to, and their certificate, in CloudFormation's words.

Only one name is ours: those that somebody put beside it stay, and so does a stricter policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Properties = Mapping[str, Any]

DOMAIN_TAG: Final = "imgpipe:domain"
"""The one name that is ours."""
GIVEN_TAG: Final = "imgpipe:certificate"
"""The ARN of a certificate of somebody's own; empty where setup requested one."""

# Security Hub's CloudFront.15 recommends these; the first lets most browsers in.
# https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html#cloudfront-15
POLICIES: Final = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
_DEFAULT: Final = {"AcmCertificateArn": "", "SslSupportMethod": "", "MinimumProtocolVersion": ""}
_APIS_WORDS: Final = {
    "AcmCertificateArn": "ACMCertificateArn",
    "SslSupportMethod": "SSLSupportMethod",
    "MinimumProtocolVersion": "MinimumProtocolVersion",
}


def answering(domain: str, certificate_arn: str) -> dict[str, Any]:
    """Return the properties of a distribution that answers to ``domain``, by TLS 1.2 and newer."""
    certificate = {
        "AcmCertificateArn": certificate_arn,
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": POLICIES[0],
    }
    return {"Aliases": [domain], "ViewerCertificate": certificate}


def nameless() -> dict[str, Any]:
    """Return the properties of a distribution without a name of ours."""
    return {"Aliases": [], "ViewerCertificate": dict(_DEFAULT)}


def read(config: Properties) -> dict[str, Any]:
    """Return both properties as CloudFront's ``config`` has them."""
    certificate = config.get("ViewerCertificate") or {}
    own = certificate.get("ACMCertificateArn")
    return {
        "Aliases": sorted((config.get("Aliases") or {}).get("Items") or []),
        "ViewerCertificate": {
            ours: certificate.get(theirs, "") if own else "" for ours, theirs in _APIS_WORDS.items()
        },
    }


def written(desired: Properties) -> dict[str, Any]:
    """Return what CloudFront's config says for ``desired``; nothing where it says nothing."""
    if "Aliases" not in desired:
        return {}
    names = desired["Aliases"]
    config = {"Aliases": {"Quantity": len(names), "Items": list(names)}}
    if (certificate := desired.get("ViewerCertificate")) is None:
        return config
    words = {theirs: certificate[ours] for ours, theirs in _APIS_WORDS.items() if certificate[ours]}
    return {**config, "ViewerCertificate": words or {"CloudFrontDefaultCertificate": True}}


def beside(desired: Properties, live: Properties) -> dict[str, Any]:
    """Return ``desired`` with what others put beside our name: theirs needs their certificate."""
    if "Aliases" not in desired:
        return dict(desired)
    kept = {**desired, "Tags": _without_blanks(desired["Tags"], live["Tags"])}
    others = others_than_ours(desired["Aliases"], live)
    kept["Aliases"] = sorted([*others, *desired["Aliases"]])
    policy = live["ViewerCertificate"]["MinimumProtocolVersion"]
    if others and not desired["Aliases"]:
        del kept["ViewerCertificate"]
    elif desired["Aliases"] and policy in POLICIES:
        kept["ViewerCertificate"] = {
            **desired["ViewerCertificate"],
            "MinimumProtocolVersion": policy,
        }
    return kept


def others_than_ours(wanted: Sequence[str], live: Properties) -> list[str]:
    """Return the names of a ``live`` distribution that somebody else gave it."""
    ours = {live["Tags"].get(DOMAIN_TAG), *wanted}
    return [name for name in live["Aliases"] if name not in ours]


def remembering(domain: str, given_arn: str) -> dict[str, str]:
    """Return the tags by which a distribution remembers which of its names is ours."""
    return {DOMAIN_TAG: domain, GIVEN_TAG: given_arn}


def _without_blanks(wanted: Mapping[str, str], live: Mapping[str, str]) -> dict[str, str]:
    """Return the tags ``wanted``, but for those that would only say that there is nothing."""
    blank = {key for key in remembering("", "") if not wanted.get(key) and key not in live}
    return {key: value for key, value in wanted.items() if key not in blank}
