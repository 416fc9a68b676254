"""What it takes to have a domain of one's own: its certificate, and its records."""

from __future__ import annotations

from imgpipe.aws.actions import Condition, Grant, allow
from imgpipe.resources.certificate import Certificate
from imgpipe.resources.permissions._of import Permissions, permissions
from imgpipe.resources.record_set_group import RecordSetGroup

_NAMES = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
_DOMAINS = "acm:DomainNames"


@permissions.register
def _certificate(certificate: Certificate) -> Permissions:
    """ACM chooses the id, so that all certificates count; tags given at the request ask as well.

    Whoever may list zones, and look into one, may do so in all of them. In a zone nothing but the
    record for the certificate may be changed.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
    """
    name = certificate.name
    look = (
        *allow("acm", name, "ListCertificates", "ListTagsForCertificate", "DescribeCertificate"),
        *allow("route53", name, "ListHostedZones", "ListResourceRecordSets"),
    )
    below: Condition = ("ForAllValues:StringLike", _NAMES, (f"_*.{name}",))
    issue = allow("route53", name, "ChangeResourceRecordSets", condition=below)
    of_it: Condition = ("ForAllValues:StringEquals", _DOMAINS, (name,))
    request = (
        *allow("acm", name, "RequestCertificate", condition=of_it),
        *allow("acm", name, "AddTagsToCertificate"),
    )
    return Permissions(
        look,
        (*request, *look, *issue),
        (*allow("acm", name, "AddTagsToCertificate"), *look, *issue),
        allow("acm", name, "DeleteCertificate"),
    )


@permissions.register
def _records(records: RecordSetGroup) -> Permissions:
    """In a zone nothing but the records of this one name may be changed; without one, any's."""
    name, distribution = records.domain, records.distribution.name
    look = (
        *allow(
            "cloudfront",
            distribution,
            "ListDistributions",
            "ListTagsForResource",
            "GetDistribution",
        ),
        *allow("route53", name, "ListHostedZones", "ListResourceRecordSets"),
    )
    change = change_of_records(name)
    remember = allow("cloudfront", distribution, "TagResource")
    forget = allow("cloudfront", distribution, "UntagResource")
    return Permissions(
        look,
        (*look, *remember, *change),
        (*look, *remember, *forget, *change),
        (*look, *forget, *change),
    )


def change_of_records(name: str) -> tuple[Grant, ...]:
    """Return what it takes to change the records of one name; of any, where that is empty."""
    only: Condition | None = ("ForAllValues:StringEquals", _NAMES, (name,)) if name else None
    return allow("route53", name, "ChangeResourceRecordSets", condition=only)
