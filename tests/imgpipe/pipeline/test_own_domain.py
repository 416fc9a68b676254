"""A domain of one's own: whether a certificate fits, what stands for it, what is left to make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imgpipe import cdn
from imgpipe.aws.distribution_names import DOMAIN_TAG, GIVEN_TAG
from imgpipe.engine.graph import Action, Event, State
from imgpipe.engine.resource import Live
from imgpipe.errors import ServiceError, SettingsError
from imgpipe.pipeline import Pipeline, own_domain
from imgpipe.pipeline.declaration import declared, everything
from imgpipe.resources.certificate import Certificate
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.record_set_group import RecordSetGroup
from imgpipe.settings import Settings
from tests.support.contract.domain import CERTIFICATE, DOMAIN, acm, zone
from tests.support.stand_ins import create

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Resource
    from tests.support.account import Calls, Faults

pytestmark = pytest.mark.slow

ARN = "arn:aws:acm:us-east-1:123456789012:certificate/1"
GOOD: dict[str, Any] = {
    "CertificateArn": ARN,
    "DomainName": "example.com",
    "SubjectAlternativeNames": ["example.com", "*.example.com"],
    "Status": "ISSUED",
    "KeyAlgorithm": "EC_prime256v1",
}


def pipeline(aws: Aws, **settings: Any) -> Pipeline:
    """The pipeline of these settings."""
    return Pipeline.of(Settings(**settings), aws)


def the(kind: type[Resource], resources: tuple[Resource, ...]) -> Any:
    """The one of this type."""
    (found,) = (each for each in resources if type(each) is kind)
    return found


def answering(aws: Aws, *names: str, ours: str = "") -> Live:
    """A live distribution with these names."""
    distribution = the(Distribution, declared(pipeline(aws)))
    tags = {DOMAIN_TAG: ours} if ours else {}
    live = {"DomainName": "d1.cloudfront.net", "Aliases": list(names), "Tags": tags}
    return Live({distribution: live})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Status": "EXPIRED"}, "EXPIRED, not ISSUED"),
        ({"Status": "PENDING_VALIDATION"}, "PENDING_VALIDATION, not ISSUED"),
        ({"KeyAlgorithm": "EC_secp384r1"}, "EC_secp384r1"),
        ({"KeyAlgorithm": "EC_secp521r1"}, "EC_secp521r1"),
        ({"SubjectAlternativeNames": ["example.com"]}, f"not for {DOMAIN}"),
        ({"SubjectAlternativeNames": ["*.images.example.com"]}, f"not for {DOMAIN}"),
    ],
)
def test_a_certificate_that_does_not_fit_is_refused(
    aws: Aws, faults: Faults, change: dict[str, Any], words: str
) -> None:
    """Before anything is changed."""
    faults.answer("DescribeCertificate", {"Certificate": {**GOOD, **change}})
    with pytest.raises(SettingsError, match=words):
        own_domain.require_fits(pipeline(aws, domain=DOMAIN, certificate_arn=ARN), Live())


@pytest.mark.parametrize("key", ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1"])
def test_every_key_that_cloudfront_takes_will_do(aws: Aws, faults: Faults, key: str) -> None:
    """A wildcard covers the name."""
    faults.answer("DescribeCertificate", {"Certificate": {**GOOD, "KeyAlgorithm": key}})
    own_domain.require_fits(pipeline(aws, domain=DOMAIN, certificate_arn=ARN), Live())


def test_one_that_waits_for_its_record_says_which(aws: Aws, faults: Faults) -> None:
    """So that nobody has to look it up."""
    record = {"Name": "_x.example.com.", "Type": "CNAME", "Value": "_y.acm-validations.aws."}
    waiting = {
        "Status": "PENDING_VALIDATION",
        "DomainValidationOptions": [{"ResourceRecord": record}],
    }
    faults.answer("DescribeCertificate", {"Certificate": {**GOOD, **waiting}})
    with pytest.raises(SettingsError) as refused:
        own_domain.require_fits(pipeline(aws, domain=DOMAIN, certificate_arn=ARN), Live())
    assert "_x.example.com. CNAME _y.acm-validations.aws." in refused.value.hint


def test_one_that_is_not_there_or_of_another_account_is_refused(aws: Aws) -> None:
    """The account is in its ARN."""
    for arn, words in ((ARN, "there is no"), (ARN.replace("1234", "9999"), "of account 9999")):
        with pytest.raises(SettingsError, match=words):
            own_domain.require_fits(pipeline(aws, domain=DOMAIN, certificate_arn=arn), Live())


def test_names_that_somebody_gave_the_distribution_must_be_covered_too(
    aws: Aws, faults: Faults
) -> None:
    """CloudFront has one certificate for all of them; our former name is not among them."""
    live = answering(aws, "old.example.com", "www.example.org", ours="old.example.com")
    with pytest.raises(SettingsError, match=r"www\.example\.org"):
        own_domain.require_fits(pipeline(aws, domain=DOMAIN), live)
    faults.answer("DescribeCertificate", {"Certificate": GOOD})
    with pytest.raises(SettingsError, match=r"not for www\.example\.org"):
        own_domain.require_fits(pipeline(aws, domain=DOMAIN, certificate_arn=ARN), live)
    alone = answering(aws, "old.example.com", ours="old.example.com")
    own_domain.require_fits(pipeline(aws, domain=DOMAIN), alone)


@pytest.mark.parametrize("domain", ["", "none"])
def test_without_a_domain_nothing_is_asked(aws: Aws, calls: Calls, domain: str) -> None:
    """Nor is anything of it declared where nobody names it."""
    own_domain.require_fits(pipeline(aws, domain=domain), answering(aws, "www.example.org"))
    assert set(calls) <= {"GetCallerIdentity"}
    kinds = {type(each) for each in declared(pipeline(aws))}
    assert not kinds & {Certificate, RecordSetGroup, own_domain.FormerCertificates}


def test_the_distribution_waits_for_its_certificate_and_the_records_for_it(aws: Aws) -> None:
    """And a teardown takes them in the opposite order, whatever the settings say."""
    resources = declared(pipeline(aws, domain=DOMAIN))
    distribution = the(Distribution, resources)
    assert the(Certificate, resources) in distribution.dependencies
    assert distribution in the(RecordSetGroup, resources).dependencies
    assert distribution in the(own_domain.FormerCertificates, resources).dependencies
    whole = everything(pipeline(aws))
    former = the(own_domain.FormerCertificates, whole)
    assert former in the(Distribution, whole).dependencies
    assert the(Distribution, whole) in the(RecordSetGroup, whole).dependencies


def test_a_given_certificate_is_never_declared(aws: Aws) -> None:
    """So that nothing can delete it."""
    resources = declared(pipeline(aws, domain=DOMAIN, certificate_arn=ARN))
    assert Certificate not in {type(each) for each in resources}
    desired = the(Distribution, resources).properties(Live())
    assert desired["ViewerCertificate"]["AcmCertificateArn"] == ARN
    assert desired["Tags"] | {DOMAIN_TAG: DOMAIN, GIVEN_TAG: ARN} == desired["Tags"]


def test_a_distribution_does_not_answer_before_its_certificate_is_issued(aws: Aws) -> None:
    """Nor does it say that it does; a plan, which cannot know, says that it will."""
    resources = declared(pipeline(aws, domain=DOMAIN))
    distribution, certificate = the(Distribution, resources), the(Certificate, resources)
    pending = Live({certificate: {"Status": "PENDING_VALIDATION", "Arn": ARN}})
    assert "Aliases" not in distribution.properties(pending)
    assert DOMAIN_TAG not in distribution.properties(pending)["Tags"]
    assert distribution.properties(Live())["Aliases"] == [DOMAIN]


def test_former_certificates_are_those_of_this_pipeline_that_nobody_uses(
    aws: Aws, faults: Faults
) -> None:
    """The present one stays, those of others stay, and while it stands those that are in use."""
    zone(aws)
    create(aws, CERTIFICATE.resource)
    (kept,) = (
        each["CertificateArn"] for each in acm(aws).list_certificates()["CertificateSummaryList"]
    )
    tags = [{"Key": "Name", "Value": "imgpipe default eu-west-1"}]
    acm(aws).request_certificate(DomainName="theirs.example.com", Tags=tags)
    ours = [*tags, {"Key": "imgpipe:stage", "Value": "default"}]
    old = acm(aws).request_certificate(DomainName="old.example.com", Tags=ours)["CertificateArn"]
    acm(aws).request_certificate(DomainName=DOMAIN)
    resources = declared(pipeline(aws, domain=DOMAIN))
    former = the(own_domain.FormerCertificates, resources)
    assert former.read(aws)["Arns"] == [old]
    assert the(own_domain.FormerCertificates, everything(pipeline(aws))).read(aws)["Arns"] == [
        kept,
        old,
    ]
    former.delete(aws, former.read(aws))
    assert former.read(aws) is None


def test_one_that_is_in_use_is_former_once_its_distribution_is_gone(
    aws: Aws, faults: Faults
) -> None:
    """A setup does not wait for half an hour until CloudFront has let go of it."""
    ours = [
        {"Key": "Name", "Value": "imgpipe default eu-west-1"},
        {"Key": "imgpipe:stage", "Value": "default"},
    ]
    arn = acm(aws).request_certificate(DomainName=DOMAIN, Tags=ours)["CertificateArn"]
    used = {**GOOD, "CertificateArn": arn, "InUseBy": ["arn:aws:cloudfront::1:distribution/E1"]}
    faults.answer("DescribeCertificate", {"Certificate": used}, times=2)
    assert (
        the(own_domain.FormerCertificates, declared(pipeline(aws, domain="none"))).read(aws) is None
    )
    whole = the(own_domain.FormerCertificates, everything(pipeline(aws)))
    assert whole.read(aws)["Arns"] == [arn]


def ended(aws: Aws, pending: bool) -> list[Event]:
    """How a setup without a zone ends."""
    resources = declared(pipeline(aws, domain=DOMAIN))
    waits = {"Name": "_x.images.example.com.", "Type": "CNAME", "Value": "_y.acm-validations.aws."}
    lives: dict[type[Resource], dict[str, Any]] = {
        Certificate: {"Records": [waits] if pending else [], "Elsewhere": "no zone" * pending},
        Distribution: {"DomainName": "d1.cloudfront.net", "Aliases": [], "Tags": {}},
        RecordSetGroup: {"Name": DOMAIN, "Elsewhere": "no zone"},
    }
    return [
        Event(the(kind, resources), Action.NONE, State.DONE, live=live)
        for kind, live in lives.items()
    ]


def test_both_records_are_told_where_route_53_has_not_the_domain(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name, type and value, as a form asks for them; the second until DNS leads there."""
    leads = False
    monkeypatch.setattr(cdn, "leads_to", lambda *_: leads)
    first, second = own_domain.to_make(pipeline(aws, domain=DOMAIN), ended(aws, pending=True))
    assert (first.name, first.type, first.value) == (
        "_x.images.example.com",
        "CNAME",
        "_y.acm-validations.aws",
    )
    assert (second.name, second.type, second.value) == (DOMAIN, "CNAME", "d1.cloudfront.net")
    (only,) = own_domain.to_make(pipeline(aws, domain=DOMAIN), ended(aws, pending=False))
    assert only == second
    leads = True
    assert own_domain.to_make(pipeline(aws, domain=DOMAIN), ended(aws, pending=False)) == []


@pytest.mark.parametrize(
    ("holder", "words"),
    [("", "another account"), (DOMAIN, "distribution E")],
)
def test_a_name_that_another_distribution_has_is_told_in_words(
    aws: Aws, faults: Faults, holder: str, words: str
) -> None:
    """CNAMEAlreadyExists: the other is named where it is this account's."""
    distribution = the(Distribution, declared(pipeline(aws, domain=DOMAIN, certificate_arn=ARN)))
    listed = {"Id": "E1", "Comment": "", "Aliases": {"Quantity": 1, "Items": [holder]}}
    faults.answer("ListDistributions", {"DistributionList": {"Items": [listed]}})
    faults.fail("CreateDistributionWithTags", "CNAMEAlreadyExists", "already associated")
    with pytest.raises(ServiceError, match=words) as refused:
        distribution.create(aws, distribution.properties(Live()))
    assert "take it away there" in refused.value.hint
    assert refused.value.aws_code == "CNAMEAlreadyExists"
