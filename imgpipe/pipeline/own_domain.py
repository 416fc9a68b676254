"""A domain of one's own: what stands for it, whether its certificate fits, what is left to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from imgpipe import cdn
from imgpipe.aws import certificates as acm
from imgpipe.aws.actions import allow
from imgpipe.aws.distribution_names import DOMAIN_TAG, others_than_ours
from imgpipe.engine.resource import OWNER_TAG, Live, Properties, Resource
from imgpipe.errors import SettingsError
from imgpipe.resources.certificate import Certificate
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.permissions import Permissions, permissions
from imgpipe.resources.record_set_group import RecordSetGroup
from imgpipe.settings.domain import NONE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.graph import Event
    from imgpipe.pipeline import Pipeline
    from imgpipe.settings import Settings

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FormerCertificates(Certificate):
    """The certificates that the pipeline requested and needs no more: all but that of ``kept``.

    While the distribution ``served_by`` stands, those that AWS still sees in use are not among
    them: that lasts up to half an hour, and the next setup takes them.
    """

    title: ClassVar[str] = "former certificates"
    kept: str = ""
    served_by: Resource | None = None

    def read(self, aws: Aws) -> Properties | None:
        """Return their ARNs."""
        found = list(acm.tagged(aws, self.label))
        kept = acm.best(found, self.kept) if self.kept else None
        arns = [
            each["CertificateArn"]
            for each in found
            if each["Tags"].get(OWNER_TAG) == dict(self.tags)[OWNER_TAG]
            and not (kept and kept["CertificateArn"] == each["CertificateArn"])
            and not (self.served_by and each.get("InUseBy"))
        ]
        return {"Arns": arns, "Tags": dict(self.tags)} if arns else None

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete each."""
        for arn in live["Arns"]:
            super().delete(aws, {"Arn": arn})


@permissions.register
def _permissions(former: FormerCertificates) -> Permissions:
    look = ("ListCertificates", "ListTagsForCertificate", "DescribeCertificate")
    delete = allow("acm", former.name, "DeleteCertificate")
    return Permissions(read=allow("acm", former.name, *look), delete=delete)


def named(settings: Settings) -> str | None:
    """Return the domain that is to be; empty = none, ``None`` = as it is."""
    return None if not settings.domain else settings.domain.removesuffix(NONE)


def certificate(pipeline: Pipeline, tags: Tags) -> Certificate | None:
    """Return the certificate that a setup requests; ``None`` where it needs none."""
    settings = pipeline.settings
    if not named(settings) or settings.certificate_arn:
        return None
    return Certificate(settings.domain, tags, label=pipeline.names.distribution)


def certificates(pipeline: Pipeline, tags: Tags) -> Certificate:
    """Return whatever certificates any setup may have requested."""
    label = pipeline.names.distribution
    return FormerCertificates(label, tags, label=label, wanted=False)


def around(pipeline: Pipeline, tags: Tags, distribution: Distribution) -> tuple[Resource, ...]:
    """Return what goes with a ``distribution`` whose name is told: its records, what was before."""
    domain = named(pipeline.settings)
    if domain is None:
        return ()
    label = pipeline.names.distribution
    records = RecordSetGroup(
        domain or label, distribution=distribution, domain=domain, wanted=bool(domain)
    )
    if isinstance(distribution.certificate, FormerCertificates):
        return (records,)
    kept = distribution.certificate.name if distribution.certificate else ""
    former = FormerCertificates(
        label, tags, label=label, kept=kept, served_by=distribution, wanted=False
    )
    return (records, former)


def address(distribution: Properties) -> str:
    """Return the name under which visitors see a live ``distribution``: ours, where it has one."""
    ours = distribution["Tags"].get(DOMAIN_TAG, "")
    return cdn.shown(distribution["DomainName"], distribution["Aliases"], ours)


def require_fits(pipeline: Pipeline, live: Live) -> None:
    """Check the certificate before the distribution is touched; nothing is asked without a domain.

    Raises:
        SettingsError: it is not there, not issued, has a key that CloudFront does not take, or is
            not for every name that the distribution then has.
    """
    settings = pipeline.settings
    if not (domain := named(settings)):
        return
    distributions = [found for each, found in live.items() if isinstance(each, Distribution)]
    others = others_than_ours([domain], distributions[0]) if distributions else []
    if settings.certificate_arn:
        _require_given(pipeline.aws, settings.certificate_arn, [domain, *others])
    elif others:
        raise SettingsError(
            f"the distribution answers to {', '.join(others)}, too, and a certificate for {domain} "
            "alone would not do",
            hint="give the --certificate-arn of one for all of them, or take those names away",
        )


def _require_given(aws: Aws, arn: str, names: Sequence[str]) -> None:
    if (account := arn.split(":")[4]) != aws.account:
        raise SettingsError(
            f"certificate_arn is of account {account}, and the distribution of {aws.account}",
            hint="CloudFront takes certificates of its own account alone",
        )
    found = acm.described(aws, arn)
    if found is None:
        raise SettingsError(
            f"there is no certificate {arn}",
            hint="request or import it, or leave certificate_arn out, and setup requests one",
        )
    if found["Status"] != acm.ISSUED:
        raise SettingsError(f"certificate {arn} is {found['Status']}, not ISSUED", hint=_way(found))
    if found["KeyAlgorithm"] not in acm.KEYS:
        raise SettingsError(
            f"certificate {arn} has a key {found['KeyAlgorithm']}, which CloudFront does not take",
            hint=f"it takes {', '.join(acm.KEYS)}",
        )
    if lacking := [name for name in names if not acm.covers(found, name)]:
        told = found.get("SubjectAlternativeNames") or [found["DomainName"]]
        raise SettingsError(
            f"certificate {arn} is for {', '.join(told)}, and not for {', '.join(lacking)}",
            hint="* stands for one label, neither none nor two; leave certificate_arn out, and "
            "setup requests one",
        )


def _way(certificate: acm.Certificate) -> str:
    if certificate["Status"] != acm.PENDING:
        return f"request another: {acm.why_failed(certificate)}"
    records = [f"{_text(each)}" for each in acm.awaited_records(certificate)]
    return f"make the DNS record {' and '.join(records)}, and wait" if records else "wait for it"


def _text(record: acm.Certificate) -> str:
    return f"{record['Name']} {record['Type']} {record['Value']}"


@dataclass(frozen=True)
class DnsRecord:
    """A DNS record that a person is to make: ``why``, and why not we, as it is ``elsewhere``."""

    name: str
    type: str
    value: str
    why: str
    elsewhere: str


def to_make(pipeline: Pipeline, events: Sequence[Event]) -> list[DnsRecord]:
    """Return the records that are still to be made where Route 53 has not the domain."""
    live = {type(event.resource): event.live for event in events if event.live}
    return [*_for_certificate(live.get(Certificate)), *_for_visitors(pipeline, live)]


def _for_certificate(live: Properties | None) -> Iterator[DnsRecord]:
    if not live or not live["Elsewhere"]:
        return
    why = "ACM gives the certificate by it, and renews it for as long as it stands"
    for each in live["Records"]:
        name, value = each["Name"].rstrip("."), each["Value"].rstrip(".")
        yield DnsRecord(name, each["Type"], value, why, live["Elsewhere"])


def _for_visitors(
    pipeline: Pipeline, live: dict[type[Resource], Properties]
) -> Iterator[DnsRecord]:
    records, distribution = live.get(RecordSetGroup), live.get(Distribution)
    if not records or not distribution or not records["Elsewhere"]:
        return
    domain, own = records["Name"], distribution["DomainName"]
    if pipeline.aws.endpoint_url is None and cdn.leads_to(domain, own):
        return
    why = "it leads visitors there; at the top of a domain it is an ALIAS or ANAME instead"
    yield DnsRecord(domain, "CNAME", own, why, records["Elsewhere"])
