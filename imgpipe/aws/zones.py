"""Route 53: the hosted zone that answers for a domain, and the records in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from imgpipe.errors import ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

RecordSet = Mapping[str, Any]

# https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
AMAZON: Final = frozenset({"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"})


@dataclass(frozen=True)
class Zone:
    """The public hosted zone ``name``; ``elsewhere`` says why it is none of ours, else is empty."""

    id: str
    name: str
    elsewhere: str = ""


def zone_of(aws: Aws, domain: str) -> Zone:
    """Return the zone in which records of ``domain`` are seen by the world.

    That is the longest of the public ones that end it, unless it hands the domain on to other name
    servers. Of several with one name nobody but the registrar knows which counts.
    (``route53:ListHostedZones``, ``route53:ListResourceRecordSets``)
    """
    pages = aws.client("route53").get_paginator("list_hosted_zones").paginate()
    public = [
        Zone(zone["Id"].rpartition("/")[2], zone["Name"].rstrip(".").lower())
        for page in pages
        for zone in page["HostedZones"]
        if not zone.get("Config", {}).get("PrivateZone")
    ]
    around = [zone for zone in public if f".{domain}".endswith(f".{zone.name}")]
    longest = max((len(zone.name) for zone in around), default=0)
    found = [zone for zone in around if len(zone.name) == longest]
    if not found:
        return Zone("", "", f"no public hosted zone of this account holds {domain}")
    if len(found) > 1:
        ids = ", ".join(sorted(zone.id for zone in found))
        return Zone("", "", f"Route 53 has several zones {found[0].name} ({ids})")
    return _unless_handed_on(aws, found[0], domain)


def _unless_handed_on(aws: Aws, zone: Zone, domain: str) -> Zone:
    for name in _upwards(domain, zone):
        if name != zone.name and (servers := records(aws, zone, name, {"NS"})):
            first = _values(servers[0])[0]
            return Zone("", "", f"zone {zone.name} hands {name} on to {first}")
    return zone


def records(aws: Aws, zone: Zone, name: str, types: Iterable[str]) -> list[RecordSet]:
    """Return the record sets of exactly this ``name``, of these ``types``."""
    listed = aws.client("route53").list_resource_record_sets(
        HostedZoneId=zone.id, StartRecordName=name
    )
    return [
        each
        for each in listed["ResourceRecordSets"]
        if each["Name"].rstrip(".").lower() == name and each["Type"] in set(types)
    ]


def change(aws: Aws, zone_id: str, action: str, sets: Iterable[RecordSet]) -> None:
    """Do ``action`` (CREATE, UPSERT, DELETE) with every one of the record ``sets``, or with none.

    (``route53:ChangeResourceRecordSets``)
    """
    changes = [{"Action": action, "ResourceRecordSet": each} for each in sets]
    aws.client("route53").change_resource_record_sets(
        HostedZoneId=zone_id, ChangeBatch={"Changes": changes}
    )


def require_amazon(aws: Aws, zone: Zone, domain: str) -> None:
    """Raise ``ServiceError`` where a CAA record lets others than Amazon certify ``domain`` alone.

    The nearest name upwards that has such records decides: RFC 8659, 3.
    """
    for name in _upwards(domain, zone):
        found = [value for each in records(aws, zone, name, {"CAA"}) for value in _values(each)]
        if not found:
            continue
        issuers = set(_issuers(found))
        if issuers and not issuers & AMAZON:
            others = ", ".join(sorted(filter(None, issuers))) or "nobody"
            raise ServiceError(
                f"the CAA records of {name} let {others} certify {domain}, and not Amazon",
                hint=f'add the value 0 issue "amazon.com" to the CAA record of {name}',
            )
        return


def _upwards(domain: str, zone: Zone) -> Iterator[str]:
    """Yield ``domain`` and each name above it, up to the zone's own."""
    labels = domain.split(".")
    for start in range(len(labels) - zone.name.count(".")):
        yield ".".join(labels[start:])


def _issuers(values: Iterable[str]) -> Iterator[str]:
    """Yield who may certify, of the values of CAA records: ``0 issue "amazon.com; x=y"``."""
    for value in values:
        _, tag, issuer = [*value.split(None, 2), "", ""][:3]
        if tag.lower() == "issue":
            yield issuer.strip('"').partition(";")[0].strip().lower()


def _values(record_set: RecordSet) -> list[str]:
    return [each["Value"] for each in record_set.get("ResourceRecords", [])]
