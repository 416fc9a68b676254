"""A certificate: requested once, validated where Route 53 has the domain, told where it has not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.aws import certificates
from imgpipe.engine.graph import Action
from imgpipe.errors import NotSettledError, ServiceError
from tests.support.contract.domain import CERTIFICATE, DOMAIN, acm, change, record, records, zone
from tests.support.stand_ins import create, update

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Engine, Faults, Sent

pytestmark = pytest.mark.slow

RESOURCE: Any = CERTIFICATE.resource
PENDING = 10**9


@pytest.fixture
def unseen(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """ACM does not see the record yet."""
    monkeypatch.setattr("moto.settings.ACM_VALIDATION_WAIT", PENDING)
    return monkeypatch


def arns(aws: Aws) -> list[str]:
    """All certificates that are there."""
    listed = acm(aws).list_certificates()["CertificateSummaryList"]
    return [str(each["CertificateArn"]) for each in listed]


def test_it_is_requested_where_cloudfront_reads_it(aws: Aws, sent: Sent) -> None:
    """In us-east-1, whatever the pipeline's region, validated by DNS, tagged from the first."""
    zone(aws)
    create(aws, RESOURCE)
    (arn,) = arns(aws)
    assert arn.startswith("arn:aws:acm:us-east-1:")
    (requested,) = sent.of("RequestCertificate")
    tags = {tag["Key"]: tag["Value"] for tag in requested["Tags"]}
    assert tags == {
        "imgpipe:stage": "default",
        "team": "photo",
        "Name": "imgpipe default eu-west-1",
    }
    assert (requested["DomainName"], requested["ValidationMethod"]) == (DOMAIN, "DNS")


def test_the_record_is_made_in_the_zone_and_found_there(aws: Aws, calls: Calls) -> None:
    """One that stands already, as of another certificate for the domain, is left as it is."""
    zone_id = zone(aws)
    create(aws, RESOURCE)
    ((name, kind),) = records(aws, zone_id)
    assert (name.endswith(f".{DOMAIN}"), kind) == (True, "CNAME")
    calls.clear()
    create(aws, RESOURCE)
    assert "ChangeResourceRecordSets" not in calls


def test_without_a_zone_it_is_left_pending_and_says_which_record(
    aws: Aws, unseen: pytest.MonkeyPatch, clock: Clock, engine: Engine
) -> None:
    """Nothing is waited for; the same setup finds it, and goes on once somebody made the record."""
    assert engine.setup(RESOURCE).action is Action.CREATE
    assert clock() < 5
    live = RESOURCE.read(aws)
    assert live["Status"] == certificates.PENDING
    (told,) = live["Records"]
    assert (told["Type"], told["Name"].endswith(f".{DOMAIN}.")) == ("CNAME", True)
    assert "no public hosted zone" in live["Elsewhere"]
    again = engine.setup(RESOURCE)
    assert (again.action, set(again.changed), again.calls) == (Action.UPDATE, {"Status"}, [])
    unseen.setattr("moto.settings.ACM_VALIDATION_WAIT", -1)
    assert engine.setup(RESOURCE).action is Action.NONE
    assert len(arns(aws)) == 1


def test_a_zone_that_came_since_gets_the_record(aws: Aws, unseen: pytest.MonkeyPatch) -> None:
    """The certificate that waits is used."""
    create(aws, RESOURCE)
    zone_id = zone(aws)

    def seen(_: float) -> None:
        unseen.setattr("moto.settings.ACM_VALIDATION_WAIT", -1)

    unseen.setattr(aws, "sleep", seen)
    assert update(aws, RESOURCE) == {"Status"}
    assert records(aws, zone_id)
    assert len(arns(aws)) == 1


@pytest.mark.usefixtures("unseen")
def test_waiting_for_acm_is_bounded_and_goes_on_where_it_stopped(aws: Aws, clock: Clock) -> None:
    """A quarter of an hour, then the reason that it most often has; nothing is requested twice."""
    zone(aws)
    for _ in range(2):
        began = clock()
        with pytest.raises(NotSettledError) as waited:
            create(aws, RESOURCE) if not arns(aws) else update(aws, RESOURCE)
        assert 900 <= clock() - began < 1000
        assert "registrar of example.com" in waited.value.hint
        assert "run the same command again" in waited.value.hint
    assert len(arns(aws)) == 1


def test_ctrl_c_while_it_is_waited_for_leaves_it_for_the_next_run(
    aws: Aws, unseen: pytest.MonkeyPatch, engine: Engine
) -> None:
    """Certificate and record stand; the same command goes on."""
    zone_id = zone(aws)

    def pressed(_: float) -> None:
        aws.interrupted.set()

    unseen.setattr(aws, "sleep", pressed)
    with pytest.raises(KeyboardInterrupt):
        create(aws, RESOURCE)
    aws.interrupted.clear()
    assert records(aws, zone_id)
    unseen.setattr("moto.settings.ACM_VALIDATION_WAIT", -1)
    assert engine.setup(RESOURCE).action is Action.NONE
    assert len(arns(aws)) == 1


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        ("FAILED", "CAA_ERROR", "amazon.com"),
        ("FAILED", "DOMAIN_NOT_ALLOWED", "deceive"),
        ("FAILED", "SOMETHING_NEW", "SOMETHING_NEW"),
        ("VALIDATION_TIMED_OUT", "", "VALIDATION_TIMED_OUT"),
    ],
)
def test_why_acm_refuses_is_told(
    aws: Aws, faults: Faults, status: str, reason: str, words: str
) -> None:
    """In words, where they are known; the next setup requests another."""
    zone(aws)
    answer = {"Certificate": {"Status": status, "FailureReason": reason, "DomainName": DOMAIN}}
    faults.answer("DescribeCertificate", answer)
    with pytest.raises(ServiceError, match=words):
        create(aws, RESOURCE)


@pytest.mark.parametrize("status", ["FAILED", "VALIDATION_TIMED_OUT", "EXPIRED", "REVOKED"])
def test_one_that_ended_is_as_if_it_were_not(aws: Aws, faults: Faults, status: str) -> None:
    """So that another takes its place."""
    zone(aws)
    create(aws, RESOURCE)
    faults.answer("DescribeCertificate", {"Certificate": described(arns(aws)[0], status=status)})
    assert RESOURCE.read(aws) is None


def described(arn: str, *, status: str = "ISSUED", day: int = 1) -> dict[str, Any]:
    """A certificate as ACM describes it."""
    created = datetime(2026, 1, day, tzinfo=UTC)
    return {"CertificateArn": arn, "DomainName": DOMAIN, "Status": status, "CreatedAt": created}


def test_of_several_the_oldest_that_is_issued_is_used() -> None:
    """Two setups at once may request two; all of them then agree on one."""
    found = [
        described("c", status="PENDING_VALIDATION", day=1),
        described("b", day=3),
        described("a", day=2),
        {**described("d", day=1), "DomainName": "other.example.com"},
    ]
    assert (certificates.best(found, DOMAIN) or {})["CertificateArn"] == "a"
    assert certificates.best(found[:1], DOMAIN) == found[0]
    assert certificates.best([], DOMAIN) is None


def test_others_certificates_for_the_domain_are_not_ours(aws: Aws, engine: Engine) -> None:
    """Of another pipeline, and of nobody: one of ours is requested beside them."""
    zone(aws)
    name = {"Key": "Name", "Value": "imgpipe default eu-north-1"}
    acm(aws).request_certificate(DomainName=DOMAIN, Tags=[name])
    acm(aws).request_certificate(DomainName=DOMAIN)
    before = arns(aws)
    assert engine.setup(RESOURCE).action is Action.CREATE
    assert engine.teardown(RESOURCE).action is Action.DELETE
    assert arns(aws) == before


def test_a_caa_record_keeps_it_from_being_requested(aws: Aws) -> None:
    """ACM would refuse some minutes later, and say less."""
    zone_id = zone(aws)
    change(aws, zone_id, "CREATE", record("example.com", "CAA", '0 issue "letsencrypt.org"'))
    with pytest.raises(ServiceError, match=r"letsencrypt\.org"):
        create(aws, RESOURCE)
    assert arns(aws) == []


def test_a_certificate_that_is_still_used_is_waited_for(
    aws: Aws, faults: Faults, clock: Clock
) -> None:
    """CloudFront lets go of it some time after its distribution is gone."""
    zone(aws)
    create(aws, RESOURCE)
    faults.fail("DeleteCertificate", "ResourceInUseException", "is in use", times=9)
    began = clock()
    RESOURCE.delete(aws, RESOURCE.read(aws))
    assert arns(aws) == []
    assert clock() - began > 20


@pytest.mark.parametrize(
    ("names", "domain", "covered"),
    [
        ([DOMAIN], DOMAIN, True),
        (["example.com", "*.example.com"], DOMAIN, True),
        (["*.Example.com"], DOMAIN, True),
        (["*.example.com"], "example.com", False),
        (["*.example.com"], "a.images.example.com", False),
        (["*.com"], DOMAIN, False),
        (["images.example.org", "ages.example.com"], DOMAIN, False),
        (["*.images.example.com"], DOMAIN, False),
    ],
)
def test_a_star_stands_for_one_label(names: list[str], domain: str, covered: bool) -> None:
    """Neither none nor two; the alternative names count, and the first as well."""
    certificate = {"DomainName": names[0], "SubjectAlternativeNames": names}
    assert certificates.covers(certificate, domain) is covered
