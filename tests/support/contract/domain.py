"""A domain of one's own: its certificate, and the records that lead it to the distribution."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from imgpipe.resources.certificate import Certificate
from imgpipe.resources.record_set_group import RecordSetGroup
from tests.support.contract import TAGS, Case, Drift
from tests.support.contract.delivery import DISTRIBUTION

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.resources.distribution import Distribution

DOMAIN: Final = "images.example.com"
_CERTIFICATE: Final = Certificate(DOMAIN, TAGS, label="imgpipe default eu-west-1")


def zone(aws: Aws, name: str = "example.com", *, private: bool = False) -> str:
    """Make a hosted zone; return its id."""
    vpc = {"VPC": {"VPCRegion": "eu-west-1", "VPCId": "vpc-1"}} if private else {}
    answer = aws.client("route53").create_hosted_zone(
        Name=name,
        CallerReference=f"{name} {len(zones(aws))}",
        HostedZoneConfig={"PrivateZone": private},
        **vpc,
    )
    return str(answer["HostedZone"]["Id"]).rpartition("/")[2]


def zones(aws: Aws) -> list[str]:
    """The ids of all hosted zones."""
    listed = aws.client("route53").list_hosted_zones()["HostedZones"]
    return [str(each["Id"]).rpartition("/")[2] for each in listed]


def record(name: str, kind: str, *values: str) -> dict[str, Any]:
    """A record set of plain values."""
    return {
        "Name": name,
        "Type": kind,
        "TTL": 60,
        "ResourceRecords": [{"Value": value} for value in values],
    }


def change(aws: Aws, zone_id: str, action: str, *sets: dict[str, Any]) -> None:
    """Change records by hand."""
    changes = [{"Action": action, "ResourceRecordSet": each} for each in sets]
    aws.client("route53").change_resource_record_sets(
        HostedZoneId=zone_id, ChangeBatch={"Changes": changes}
    )


def records(aws: Aws, zone_id: str, *types: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the record sets of a zone by name and type, those that it was made with left out."""
    listed = aws.client("route53").list_resource_record_sets(HostedZoneId=zone_id)
    return {
        (each["Name"].rstrip("."), each["Type"]): each
        for each in listed["ResourceRecordSets"]
        if each["Type"] in (types or ("A", "AAAA", "CNAME"))
    }


def acm(aws: Aws) -> Any:
    """ACM where CloudFront reads certificates."""
    return aws.client("acm", "us-east-1")


def _arn(aws: Aws) -> str:
    return str((_CERTIFICATE.read(aws) or {})["Arn"])


def _untag(aws: Aws) -> None:
    acm(aws).remove_tags_from_certificate(
        CertificateArn=_arn(aws), Tags=[{"Key": "team", "Value": "photo"}]
    )


CERTIFICATE = Case(
    _CERTIFICATE,
    (),
    {"tag": Drift(_untag, ("AddTagsToCertificate",))},
    remove=lambda aws: acm(aws).delete_certificate(CertificateArn=_arn(aws)),
    theirs=lambda aws: acm(aws).request_certificate(DomainName=DOMAIN, ValidationMethod="DNS"),
    beside=True,
    surroundings=zone,
)

_NAMED: Final = replace(
    cast("Distribution", DISTRIBUTION.resource),
    domain=DOMAIN,
    certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/1",
)
_RECORDS: Final = RecordSetGroup(DOMAIN, distribution=_NAMED, domain=DOMAIN)


def _delete(*types: str) -> Any:
    def by_hand(aws: Aws) -> None:
        (zone_id,) = zones(aws)
        change(aws, zone_id, "DELETE", *records(aws, zone_id, *types).values())

    return by_hand


def _lead_away(aws: Aws) -> None:
    (zone_id,) = zones(aws)
    change(aws, zone_id, "UPSERT", record(DOMAIN, "A", "192.0.2.1"))
    _delete("AAAA")(aws)


RECORDS = Case(
    _RECORDS,
    (*DISTRIBUTION.needed, _NAMED),
    {"IPv6": Drift(_delete("AAAA"), ("ChangeResourceRecordSets",))},
    remove=_delete("A", "AAAA"),
    theirs=_lead_away,
    surroundings=zone,
)
CASES = (CERTIFICATE, RECORDS)
