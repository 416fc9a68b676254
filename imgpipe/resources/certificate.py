"""The certificate of a domain of one's own, requested from ACM where CloudFront reads them.

ACM issues it once it sees a record that only the domain's owner can make. Where Route 53 has the
domain, that is made and waited for; elsewhere somebody must make it, and until then the
certificate stands as it was requested, for the next setup to go on with. The record stays for
good: ACM renews by it, and every certificate of the account for this domain has the same one
(docs/decisions/0023-a-domain-of-ones-own.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import uuid4

from imgpipe.aws import certificates, zones
from imgpipe.aws.certificates import ISSUED, NAME_TAG, PENDING, acm
from imgpipe.aws.errors import already_gone
from imgpipe.engine.resource import Live, Properties, TaggedResource
from imgpipe.errors import NotSettledError, ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.aws.zones import Zone

# Usually minutes; ACM goes on looking for 72 hours, with us or without.
# https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
_VALIDATION_SECONDS: Final = 15 * 60
_POLL_SECONDS: Final = 5
# The record to make is known some seconds after the request.
_RECORD_SECONDS: Final = 60
_TTL_SECONDS: Final = 300


@dataclass(frozen=True)
class Certificate(TaggedResource):
    """The certificate of the domain ``name`` that the pipeline ``label`` requested.

    Read-only attributes: ``Arn``; ``Records``, which ACM waits for, empty once it is issued; and
    ``Elsewhere``, why nobody but a person can make them.
    """

    type: ClassVar[str] = "AWS::CertificateManager::Certificate"
    title: ClassVar[str] = "certificate"
    label: str

    def properties(self, live: Live) -> Properties:
        """Return that it is issued, and whose it is."""
        return {
            "DomainName": self.name,
            "Status": ISSUED,
            "Tags": {**dict(self.tags), NAME_TAG: self.label},
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the one to use: issued, or to be. What failed or ended is as if it were not."""
        found = certificates.best(certificates.tagged(aws, self.label, self.name), self.name)
        if found is None:
            return None
        pending = found["Status"] == PENDING
        return {
            "DomainName": found["DomainName"],
            "Status": found["Status"],
            "Tags": found["Tags"],
            "Arn": found["CertificateArn"],
            "Records": certificates.awaited_records(found) if pending else [],
            "Elsewhere": zones.zone_of(aws, self.name).elsewhere if pending else "",
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Request it, and have it issued where Route 53 has the domain.

        Raises:
            NotSettledError: ACM does not see the record within a quarter of an hour.
            ServiceError: ACM will not issue it, or others than Amazon alone may.
        """
        zone = zones.zone_of(aws, self.name)
        if not zone.elsewhere:
            zones.require_amazon(aws, zone, self.name)
        answer = acm(aws).request_certificate(
            DomainName=self.name,
            ValidationMethod="DNS",
            IdempotencyToken=uuid4().hex,
            Tags=_tag_list(desired),
        )
        self._issue(aws, answer["CertificateArn"], zone)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Tag it; go on having it issued. Raises as ``create``."""
        arn = (self.read(aws) or {})["Arn"]
        if "Tags" in changed:
            acm(aws).add_tags_to_certificate(CertificateArn=arn, Tags=_tag_list(desired))
        if "Status" in changed:
            self._issue(aws, arn, zones.zone_of(aws, self.name))

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it, once CloudFront says that it uses it no more."""
        with already_gone():
            aws.eventually("acm", lambda: acm(aws).delete_certificate(CertificateArn=live["Arn"]))

    def _issue(self, aws: Aws, arn: str, zone: Zone) -> None:
        """Make the record that ACM waits for, and wait for ACM; where it can be made."""
        found = aws.settle(
            lambda: self._described(aws, arn),
            lambda seen: seen["Status"] != PENDING or bool(certificates.awaited_records(seen)),
            what=f"certificate {arn}",
            seconds=_RECORD_SECONDS,
        )
        if zone.elsewhere:
            return
        for record in certificates.awaited_records(found):
            _make(aws, zone, record)
        try:
            aws.settle(
                lambda: self._described(aws, arn),
                lambda seen: seen["Status"] == ISSUED,
                what=f"certificate {arn}",
                seconds=_VALIDATION_SECONDS,
                every=_POLL_SECONDS,
            )
        except NotSettledError as error:
            raise NotSettledError(
                f"ACM has not seen the record in zone {zone.name} for {self.name} yet",
                hint=f"does the registrar of {zone.name} name the zone's own name servers? run the "
                "same command again: it goes on where it stopped",
            ) from error

    def _described(self, aws: Aws, arn: str) -> dict[str, Any]:
        """Return what ACM says of it; nothing of one so new that it is not told yet."""
        found = dict(certificates.described(aws, arn) or {"Status": PENDING})
        if found["Status"] not in {PENDING, ISSUED}:
            raise ServiceError(
                f"ACM gives {self.name} no certificate: {certificates.why_failed(found)}",
                hint="mend that; the same command then requests another",
            )
        return found


def _make(aws: Aws, zone: Zone, record: Any) -> None:
    name, value = record["Name"].rstrip(".").lower(), record["Value"]
    there = zones.records(aws, zone, name, {record["Type"]})
    if [each["Value"] for found in there for each in found.get("ResourceRecords", [])] == [value]:
        return
    made = {
        "Name": record["Name"],
        "Type": record["Type"],
        "TTL": _TTL_SECONDS,
        "ResourceRecords": [{"Value": value}],
    }
    zones.change(aws, zone.id, "UPSERT", [made])


def _tag_list(desired: Properties) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in desired["Tags"].items()]
