"""A domain of one's own: its certificate, its DNS, its records; nothing is asked without one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from imgpipe import cdn
from imgpipe.aws import certificates
from imgpipe.aws.distribution_names import DOMAIN_TAG
from imgpipe.pipeline.doctor.probe import NotHereError, Patient, Probe
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.record_set_group import RECORDS_TAG, RecordSetGroup

if TYPE_CHECKING:
    from imgpipe.engine.graph import Event

# ACM begins to renew 60 days before the end, or 45: what has 30 left was not renewed.
# https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
_NEAR: Final = timedelta(days=30)


def _distribution(patient: Patient) -> Event | None:
    event = patient.events.get(Distribution.title)
    return event if event and event.live and event.live["Aliases"] else None


def _certificate(patient: Patient) -> Iterator[str]:
    event = _distribution(patient)
    live = event.live if event else None
    if not live or not (arn := live["ViewerCertificate"]["AcmCertificateArn"]):
        return
    found = certificates.described(patient.pipeline.aws, arn)
    if found is None:
        yield f"certificate {arn} is gone"
        return
    if found["Status"] != certificates.ISSUED:
        yield f"certificate {arn} is {found['Status']}: {certificates.why_failed(found)}"
    for name in live["Aliases"]:
        if not certificates.covers(found, name):
            yield f"certificate {arn} is not for {name}"
    yield from _ending(found)


def _ending(found: certificates.Certificate) -> Iterator[str]:
    end: datetime | None = found.get("NotAfter")
    if end is None or end - datetime.now(UTC) > _NEAR:
        return
    said: Any = found.get("RenewalSummary", {}).get("RenewalStatus", "not begun")
    by_acm = found["Type"] == "AMAZON_ISSUED"
    way = f"ACM's renewal is {said}" if by_acm else "it was imported, so nobody renews it"
    yield f"the certificate ends on {end.date()}, and {way}"


def _dns(patient: Patient) -> Iterator[str]:
    event = _distribution(patient)
    domain = event.live["Tags"].get(DOMAIN_TAG) if event and event.live else ""
    if not domain:
        return
    if endpoint := patient.pipeline.aws.endpoint_url:
        raise NotHereError(f"no DNS leads to {endpoint}")
    if not cdn.leads_to(domain, patient.domain):
        yield f"DNS does not lead {domain} to {patient.domain}"


def _records(patient: Patient) -> Iterator[str]:
    event = patient.events.get(Distribution.title)
    told = event.live["Tags"].get(RECORDS_TAG) if event and event.live else ""
    if not event or not told:
        return
    if not RecordSetGroup(told, distribution=event.resource).read(patient.pipeline.aws):
        yield f"the records that setup made ({told}) are gone, or lead somewhere else"


PROBES: Final = (
    Probe(
        "domain: certificate",
        "issued, for every name of the distribution, and not near its end",
        "leave the record by which ACM renews; import a new one yourself; setup requests another",
        _certificate,
        ("setup",),
    ),
    Probe(
        "domain: DNS",
        "the domain leads to the distribution",
        "make it a CNAME of the distribution's own name; setup does where Route 53 has the domain",
        _dns,
        ("status", "setup"),
    ),
    Probe(
        "domain: records",
        "the records that setup made are there, and lead to the distribution",
        "setup with --domain makes what is gone, and says what is in its way",
        _records,
        ("setup --dry-run", "setup"),
    ),
)
