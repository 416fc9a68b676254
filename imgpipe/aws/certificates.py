"""ACM's certificates, where CloudFront reads them: us-east-1, wherever the pictures are.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from imgpipe.aws.errors import or_none

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

Certificate = Mapping[str, Any]

REGION: Final = "us-east-1"
ISSUED: Final = "ISSUED"
PENDING: Final = "PENDING_VALIDATION"
NAME_TAG: Final = "Name"
# https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html
KEYS: Final = ("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1")
"""The keys that CloudFront takes."""

_WHY: Final = {
    "CAA_ERROR": "a CAA record lets others than Amazon certify it alone; add one with the value "
    '0 issue "amazon.com"',
    "DOMAIN_NOT_ALLOWED": "the domain is on a list of those that are used to deceive",
    "ADDITIONAL_VERIFICATION_REQUIRED": "ACM wants to know more: open a support case",
    "INVALID_PUBLIC_DOMAIN": "it does not end in a public domain",
    "DOMAIN_VALIDATION_DENIED": "its owner denied it",
}
"""https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-failed.html."""


def acm(aws: Aws) -> Any:
    """Return the client for ACM where CloudFront reads certificates."""
    return aws.client("acm", REGION)


def described(aws: Aws, arn: str) -> Certificate | None:
    """Return all that ACM says of a certificate; ``None`` where there is none."""
    answer = or_none(lambda: acm(aws).describe_certificate(CertificateArn=arn))
    return answer and dict(answer["Certificate"])


def tagged(aws: Aws, name: str, domain: str = "") -> Iterator[Certificate]:
    """Yield the certificates whose Name tag is ``name``, each with its ``Tags``.

    Those of ``domain``, where one is given: only these are asked for their tags.
    """
    for page in acm(aws).get_paginator("list_certificates").paginate():
        for each in page["CertificateSummaryList"]:
            if domain not in {"", each["DomainName"]} or each.get("Type") == "IMPORTED":
                continue
            tags = _tags(aws, each["CertificateArn"])
            if tags.get(NAME_TAG) == name and (found := described(aws, each["CertificateArn"])):
                yield {**found, "Tags": tags}


def best(found: Iterable[Certificate], domain: str) -> Certificate | None:
    """Return the certificate to use for ``domain``: issued or to be, the oldest of several."""
    usable = [
        each
        for each in found
        if each["DomainName"] == domain and each["Status"] in {ISSUED, PENDING}
    ]
    usable.sort(
        key=lambda each: (each["Status"] != ISSUED, each["CreatedAt"], each["CertificateArn"])
    )
    return usable[0] if usable else None


def covers(certificate: Certificate, domain: str) -> bool:
    """Say whether it is for ``domain``: by name, or by ``*`` in the place of its first label."""
    names = {name.lower() for name in certificate.get("SubjectAlternativeNames", ())}
    names.add(certificate["DomainName"].lower())
    return bool(names & {domain, f"*.{domain.partition('.')[2]}"})


def awaited_records(certificate: Certificate) -> list[Mapping[str, str]]:
    """Return the DNS records that ACM waits for: ``Name``, ``Type`` and ``Value`` of each.

    Empty until ACM knows them, some seconds after the request.
    """
    options = certificate.get("DomainValidationOptions", [])
    found = [each["ResourceRecord"] for each in options if "ResourceRecord" in each]
    return list({each["Name"]: each for each in found}.values())


def why_failed(certificate: Certificate) -> str:
    """Return in words why ACM will not issue it."""
    reason = str(certificate.get("FailureReason", ""))
    return _WHY.get(reason) or reason or str(certificate["Status"])


def _tags(aws: Aws, arn: str) -> dict[str, str]:
    answer = or_none(lambda: acm(aws).list_tags_for_certificate(CertificateArn=arn)) or {"Tags": []}
    return {tag["Key"]: tag.get("Value", "") for tag in answer["Tags"]}
