"""What doctor says of a domain's certificate, DNS and records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe import cdn
from imgpipe.aws.distribution_names import DOMAIN_TAG
from imgpipe.engine.graph import Action, Event, State
from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.doctor import PROBES, Verdict
from imgpipe.pipeline.doctor.probe import Finding, Patient, look
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.record_set_group import RECORDS_TAG
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Faults

DOMAIN = "images.example.com"
ARN = "arn:aws:acm:us-east-1:123456789012:certificate/1"


def patient(aws: Aws, *names: str, **tags: str) -> Patient:
    """A pipeline whose distribution has these names and tags."""
    pipeline = Pipeline.of(Settings(), aws)
    (distribution,) = (each for each in declared(pipeline) if isinstance(each, Distribution))
    live = {
        "Aliases": list(names),
        "ViewerCertificate": {"AcmCertificateArn": ARN if names else ""},
        "Tags": {**({DOMAIN_TAG: names[0]} if names else {}), **tags},
    }
    event = Event(distribution, Action.NONE, State.DONE, live=live)
    return Patient(pipeline, {Distribution.title: event}, "d1.cloudfront.net")


def probed(name: str, who: Patient) -> Finding:
    """What became of a probe of the domain."""
    (probe,) = (each for each in PROBES if each.name == f"domain: {name}")
    return look(probe, who)


def certificate(**change: Any) -> dict[str, Any]:
    """A certificate as ACM describes it, with a year to go."""
    good = {
        "DomainName": DOMAIN,
        "Status": "ISSUED",
        "Type": "AMAZON_ISSUED",
        "NotAfter": datetime.now(UTC) + timedelta(days=365),
    }
    return {"Certificate": {**good, **change}}


SOON = datetime.now(UTC) + timedelta(days=20)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        ({}, Verdict.WELL, ""),
        ({"Status": "EXPIRED"}, Verdict.WRONG, "EXPIRED"),
        ({"DomainName": "example.com"}, Verdict.WRONG, f"not for {DOMAIN}"),
        ({"NotAfter": SOON}, Verdict.WRONG, "not begun"),
        (
            {"NotAfter": SOON, "RenewalSummary": {"RenewalStatus": "PENDING_VALIDATION"}},
            Verdict.WRONG,
            "PENDING_VALIDATION",
        ),
        ({"NotAfter": SOON, "Type": "IMPORTED"}, Verdict.WRONG, "imported"),
    ],
)
def test_the_certificate(
    aws: Aws, faults: Faults, change: dict[str, Any], verdict: Verdict, words: str
) -> None:
    """Issued, for the name, and not near an end that ACM has not put off."""
    faults.answer("DescribeCertificate", certificate(**change))
    found = probed("certificate", patient(aws, DOMAIN))
    assert found.verdict is verdict
    assert words in "".join(found.said)


def test_one_that_is_gone_or_may_not_be_seen(aws: Aws, faults: Faults) -> None:
    """The first is wrong, the second not known."""
    assert probed("certificate", patient(aws, DOMAIN)).verdict is Verdict.WRONG
    with faults.denying("DescribeCertificate"):
        assert probed("certificate", patient(aws, DOMAIN)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(("leads", "verdict"), [(True, Verdict.WELL), (False, Verdict.WRONG)])
def test_where_dns_leads(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, leads: bool, verdict: Verdict
) -> None:
    """The domain, and the distribution's own name."""
    asked: list[tuple[str, str]] = []

    def leads_to(domain: str, own: str) -> bool:
        asked.append((domain, own))
        return leads

    monkeypatch.setattr(cdn, "leads_to", leads_to)
    assert probed("DNS", patient(aws, DOMAIN)).verdict is verdict
    assert asked == [(DOMAIN, "d1.cloudfront.net")]


def test_records_that_are_gone(aws: Aws) -> None:
    """The zone that the distribution remembers is not even there."""
    tags = {RECORDS_TAG: f"Z1/{DOMAIN}"}
    found = probed("records", patient(aws, DOMAIN, **tags))
    assert found.verdict is Verdict.WRONG


def test_without_a_domain_nothing_is_asked(aws: Aws, calls: Calls) -> None:
    """And all is well."""
    healthy = patient(aws)
    calls.clear()
    for name in ("certificate", "DNS", "records"):
        assert probed(name, healthy).verdict is Verdict.WELL
    assert calls == []
