"""The two alias records, for IPv4 and IPv6, by which a domain leads to the distribution.

They are made only where nothing else stands under the name, and taken back only while they lead
where we had them lead. A tag of the distribution remembers their zone and name, so that they are
found whatever the settings say by then, and what somebody made by hand is never taken for ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws import distributions, zones
from imgpipe.aws.errors import denied, error_text, or_none
from imgpipe.aws.zones import RecordSet, Zone
from imgpipe.engine.resource import Live, OwnedPart, Properties, Resource
from imgpipe.errors import NotOursError, NotSettledError, ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

RECORDS_TAG: Final = "imgpipe:records"
"""Where the records are that we made: ``<zone id>/<name>``."""
_TYPES: Final = ("A", "AAAA")
# CloudFront's own zone, whatever the distribution:
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
_CLOUDFRONT_ZONE: Final = "Z2FDTNDATAQYW2"


@dataclass(frozen=True)
class RecordSetGroup(OwnedPart):
    """The records of ``domain``; of an empty one, those that the distribution remembers.

    Read-only attributes: ``Zone``, the id of the zone that holds those that we made, and
    ``Elsewhere``: why nobody but a person can make them; both empty where they stand already.
    """

    type: ClassVar[str] = "AWS::Route53::RecordSetGroup"
    title: ClassVar[str] = "domain records"
    distribution: Resource
    domain: str = ""

    @property
    def owner(self) -> Resource:
        """The distribution, whose tags remember them."""
        return self.distribution

    def properties(self, live: Live) -> Properties:
        """Return the name, and the types of its records."""
        return {"Name": self.domain, "Types": list(_TYPES)}

    def read(self, aws: Aws) -> Properties | None:
        """Return those that we made; else what leads to the distribution, or cannot be ours.

        Raises:
            NotOursError: the name leads somewhere else.
            ServiceError: nobody may look.
        """
        standing = self.distribution.read(aws)
        target = standing["DomainName"] if standing else ""
        with _looking(self.domain):
            ours = _made(aws, standing["Tags"], target) if standing else None
            new = self.domain and not (ours and ours["Name"] == self.domain)
            found = self._found(aws, target) if new else None
            return ours or found

    def _found(self, aws: Aws, target: str) -> Properties | None:
        whole = {**self.properties(Live()), "Zone": "", "Elsewhere": ""}
        zone = zones.zone_of(aws, self.domain)
        if zone.elsewhere:
            return {**whole, "Elsewhere": zone.elsewhere}
        there = zones.records(aws, zone, self.domain, {*_TYPES, "CNAME"})
        if others := [each for each in there if not _leads(each, target)]:
            raise NotOursError(
                f"{self.domain} has a record {others[0]['Type']} in zone {zone.name} that leads to "
                f"{_target(others[0]) or 'something else'}",
                hint="delete it once the domain may move here; imgpipe never changes it",
            )
        return whole if there else None

    def create(self, aws: Aws, desired: Properties) -> None:
        """Make both, or none where one came up meanwhile; what is to be remembered comes first."""
        standing = self.distribution.read(aws) or {}
        if self.domain not in standing["Aliases"]:
            raise NotSettledError(
                f"the distribution does not answer to {self.domain} yet, so nothing leads there",
                hint="run the same command again: it goes on where it stopped",
            )
        zone = zones.zone_of(aws, self.domain)
        distributions.tag(aws, standing["Arn"], {RECORDS_TAG: f"{zone.id}/{self.domain}"})
        made = [_alias(self.domain, each, standing["DomainName"]) for each in _TYPES]
        zones.change(aws, zone.id, "CREATE", made)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Take those of another name away and make these; or make the one that is missing."""
        live = self.read(aws) or {}
        if "Name" in changed:
            self.delete(aws, live)
            if self._found(aws, self._target(aws)) is None:
                self.create(aws, desired)
            return
        missing = [each for each in _TYPES if each not in live["Types"]]
        made = [_alias(self.domain, each, self._target(aws)) for each in missing]
        zones.change(aws, live["Zone"], "CREATE", made)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete those that we made and that still lead to the distribution."""
        standing = self.distribution.read(aws)
        if standing is None or not live["Zone"]:
            return
        ours = _records(aws, Zone(live["Zone"], ""), live["Name"], standing["DomainName"])
        if ours:
            zones.change(aws, live["Zone"], "DELETE", ours)
        distributions.untag(aws, standing["Arn"], [RECORDS_TAG])

    def _target(self, aws: Aws) -> str:
        return str((self.distribution.read(aws) or {})["DomainName"])


def _made(aws: Aws, tags: Properties, target: str) -> Properties | None:
    """Return those that the distribution remembers, where they still lead to ``target``."""
    zone_id, _, name = tags.get(RECORDS_TAG, "").partition("/")
    if not name:
        return None
    # The zone may be gone, and its records with it.
    ours = or_none(lambda: _records(aws, Zone(zone_id, ""), name, target))
    if not ours:
        return None
    types = sorted(each["Type"] for each in ours)
    return {"Name": name, "Types": types, "Zone": zone_id, "Elsewhere": ""}


def _records(aws: Aws, zone: Zone, name: str, target: str) -> list[RecordSet]:
    return [each for each in zones.records(aws, zone, name, _TYPES) if _leads(each, target)]


def _alias(name: str, kind: str, target: str) -> dict[str, Any]:
    return {
        "Name": name,
        "Type": kind,
        "AliasTarget": {
            "HostedZoneId": _CLOUDFRONT_ZONE,
            "DNSName": target,
            "EvaluateTargetHealth": False,
        },
    }


def _leads(record: RecordSet, target: str) -> bool:
    return _target(record) == target.lower()


def _target(record: RecordSet) -> str:
    """Return the name that it leads to: an alias's, or a CNAME's; the address of another."""
    values = [each["Value"] for each in record.get("ResourceRecords", [])]
    name = str(record.get("AliasTarget", {}).get("DNSName") or (values or [""])[0])
    return name.rstrip(".").lower()


@contextmanager
def _looking(domain: str) -> Iterator[None]:
    """Say in words of our own that nobody may look: that is no absence, to whoever sought."""
    try:
        yield
    except ClientError as error:
        if not denied(error):
            raise
        raise ServiceError(
            f"nobody may look at the DNS records of {domain or 'the domain'}: {error_text(error)}",
            hint="let these credentials list and change the records of its hosted zone, or use "
            "another --profile",
        ) from error
