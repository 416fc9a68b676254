"""Probes on answers that the embedded AWS does not give: quotas, denials, S3's other addresses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.delivery_settings import DeliverySettings
from imgpipe import cdn
from imgpipe.aws.policies import open_to_the_world
from imgpipe.engine.graph import Action, Event, State
from imgpipe.errors import ServiceError
from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.doctor import PROBES, Verdict, doors
from imgpipe.pipeline.doctor.probe import Patient, Probe, look
from imgpipe.resources.function_url import FunctionUrl
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgpipe.aws.account import Aws
    from tests.support.account import Faults

SETTINGS = {"UnreservedConcurrentExecutions": 1000, "TotalCodeSize": 100}
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@pytest.fixture
def patient(aws: Aws) -> Patient:
    """A pipeline nothing of which need be there."""
    return Patient(Pipeline.of(Settings(), aws), {}, "")


def named(name: str) -> Probe:
    """The probe of this name."""
    return {each.name: each for each in PROBES}[name]


def test_names_are_unique_and_every_probe_says_what_mends_it() -> None:
    """So that each can be spoken of."""
    assert len({each.name for each in PROBES}) == len(PROBES)
    assert all(each.looks_at and each.fix for each in PROBES)


@pytest.mark.parametrize(
    ("limit", "used", "verdict"),
    [
        ({}, 10, Verdict.WELL),
        ({}, 95, Verdict.WRONG),
        ({"UnreservedConcurrentExecutions": 10}, 10, Verdict.WRONG),
    ],
)
def test_lambdas_quotas(
    patient: Patient, faults: Faults, limit: dict[str, int], used: int, verdict: Verdict
) -> None:
    """Few functions at once, and code that has nearly no room."""
    answer = {"AccountLimit": {**SETTINGS, **limit}, "AccountUsage": {"TotalCodeSize": used}}
    faults.answer("GetAccountSettings", answer)
    assert look(named("quota: Lambda"), patient).verdict is verdict


@pytest.mark.parametrize(("used", "verdict"), [(10, Verdict.WELL), (950, Verdict.WRONG)])
def test_iams_quotas(patient: Patient, faults: Faults, used: int, verdict: Verdict) -> None:
    """Roles that nearly fill the account."""
    faults.answer("GetAccountSummary", {"SummaryMap": {"Roles": used, "RolesQuota": 1000}})
    assert look(named("quota: IAM"), patient).verdict is verdict


@pytest.mark.parametrize(
    ("used", "verdict"), [(0, Verdict.WELL), (8_999, Verdict.WELL), (9_000, Verdict.ADVICE)]
)
def test_s3s_quota(patient: Patient, faults: Faults, used: int, verdict: Verdict) -> None:
    """Buckets that nearly fill the account, unless it was given more."""
    faults.answer("ListBuckets", {"Buckets": [{"Name": f"b{each}"} for each in range(used)]})
    assert look(named("quota: S3"), patient).verdict is verdict


@pytest.mark.parametrize(
    ("used", "verdict"), [(0, Verdict.WELL), (449, Verdict.WELL), (450, Verdict.ADVICE)]
)
def test_cloudfronts_quota(patient: Patient, faults: Faults, used: int, verdict: Verdict) -> None:
    """An account without any distribution has no list of them."""
    items = {"Items": [{"Id": f"E{each}"} for each in range(used)]} if used else {}
    faults.answer("ListDistributions", {"DistributionList": {"IsTruncated": False, **items}})
    assert look(named("quota: CloudFront"), patient).verdict is verdict


@pytest.mark.parametrize(
    ("probe", "operation"),
    [
        ("quota: Lambda", "GetAccountSettings"),
        ("quota: IAM", "GetAccountSummary"),
        ("quota: CloudFront", "ListDistributions"),
        ("quota: S3", "ListBuckets"),
        ("by hand: policies", "GetBucketPolicy"),
        ("by hand: policies", "GetPolicy"),
        ("by hand: policies", "GetQueueUrl"),
        ("by hand: ACLs", "GetBucketAcl"),
        ("by hand: websites", "GetBucketWebsite"),
        ("account: public access", "GetPublicAccessBlock"),
    ],
)
def test_what_may_not_be_looked_at_is_no_pass(
    patient: Patient, faults: Faults, probe: str, operation: str
) -> None:
    """It says which call was denied."""
    with faults.denying(operation):
        found = look(named(probe), patient)
    assert found.verdict is Verdict.UNKNOWN
    assert operation in found.said[0]


OPEN: Final = {"Effect": "Allow", "Principal": "*", "Action": "x:Do", "Resource": "*"}


def policy_of(*statements: Any) -> str:
    """A policy with these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize(
    ("operation", "answer", "whose"),
    [
        ("GetBucketPolicy", {"Policy": policy_of(OPEN)}, "imgpipe-source"),
        ("GetPolicy", {"Policy": policy_of(OPEN)}, "ImageProcessingFunction"),
        ("GetQueueAttributes", {"Attributes": {"Policy": policy_of(OPEN)}}, "Failures"),
    ],
)
def test_a_policy_for_everybody_is_found_wherever_it_hangs(
    patient: Patient, faults: Faults, operation: str, answer: Any, whose: str
) -> None:
    """Whoever may invoke a function, or write what a person reads as failures, is inside."""
    faults.answer("GetQueueUrl", {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q"})
    if operation != "GetQueueAttributes":
        faults.answer("GetQueueAttributes", {})
    faults.answer(operation, answer)
    found = look(named("by hand: policies"), patient)
    assert found.verdict is Verdict.WRONG
    (said,) = found.said
    assert whose in said
    assert "lets everybody x:Do" in said


@pytest.mark.parametrize(
    ("statement", "everybody"),
    [
        (OPEN, True),
        ({**OPEN, "Principal": {"AWS": "*"}}, True),
        ({**OPEN, "Principal": {"AWS": ["arn:aws:iam::123456789012:root", "*"]}}, True),
        ({**OPEN, "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, False),
        ({**OPEN, "Principal": {"Service": "s3.amazonaws.com"}}, False),
        ({**OPEN, "Effect": "Deny"}, False),
        ({**OPEN, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, False),
        ({"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "NotAction": "x:Do"}, False),
    ],
)
def test_who_everybody_is(statement: Any, everybody: bool) -> None:
    """In each spelling, among others too."""
    assert open_to_the_world(statement) is everybody


def test_a_policy_of_all_but_some_actions_is_told(patient: Patient, faults: Faults) -> None:
    """It has no Action."""
    statement = {"Effect": "Allow", "Principal": "*", "NotAction": "s3:PutObject"}
    faults.answer("GetBucketPolicy", {"Policy": policy_of(statement)})
    found = look(named("by hand: policies"), patient)
    assert "everybody all but s3:PutObject" in found.said[0]


def test_an_acl_for_everybody_is_found(patient: Patient, faults: Faults) -> None:
    """A public ACL that somebody set."""
    everybody = {"URI": "http://acs.amazonaws.com/groups/global/AllUsers", "Type": "Group"}
    faults.answer("GetBucketAcl", {"Grants": [{"Grantee": everybody, "Permission": "READ"}]})
    found = look(named("by hand: ACLs"), patient)
    assert found.verdict is Verdict.WRONG
    assert "READ" in found.said[0]


@pytest.mark.parametrize("on", [True, False])
def test_the_accounts_own_switches_are_advice(patient: Patient, faults: Faults, on: bool) -> None:
    """The buckets' suffice."""
    switches = dict.fromkeys(SWITCHES, on)
    faults.answer("GetPublicAccessBlock", {"PublicAccessBlockConfiguration": switches})
    found = look(named("account: public access"), patient)
    assert found.verdict is (Verdict.WELL if on else Verdict.ADVICE)


def test_on_aws_every_form_of_address_is_tried(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of both buckets, unsigned: listed, read, and written to with a digest that is wrong."""
    asked: list[tuple[str, str]] = []

    def fetch(address: str, method: str = "GET", **_: object) -> Iterator[object]:
        asked.append((method, address))
        raise ServiceError("nobody there")

    monkeypatch.setattr(cdn, "fetch", fetch)
    names = patient.pipeline.names
    for form in doors.FORMS:
        asked.clear()
        assert look(named(f"door: {form}"), patient).verdict is Verdict.WELL
        assert {method for method, _ in asked} == {"GET", "PUT"}
        for bucket in (names.source_bucket, names.destination_bucket):
            assert any(bucket in address for _, address in asked)


@pytest.mark.parametrize(
    ("status", "verdict"), [(403, Verdict.WELL), (404, Verdict.WRONG), (200, Verdict.WRONG)]
)
def test_nobody_calls_the_delivery_function_past_the_edge(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, status: int, verdict: Verdict
) -> None:
    """Its address is tried unsigned, where there is one: even "not found" is an answer of its."""
    asked: list[str] = []

    def fetch(address: str) -> cdn.Reply:
        asked.append(address)
        return cdn.Reply(status, {}, b"")

    monkeypatch.setattr(cdn, "fetch", fetch)
    pipeline = Pipeline.of(Settings(delivery=DeliverySettings(enabled=True)), aws)
    (url,) = (each for each in declared(pipeline) if isinstance(each, FunctionUrl))
    event = Event(url, Action.NONE, State.DONE, live={"DomainName": "x.lambda-url.on.aws"})
    assert look(named("door: delivery"), Patient(pipeline, {}, "")).verdict is Verdict.WELL
    assert asked == []
    found = look(named("door: delivery"), Patient(pipeline, {url.title: event}, ""))
    assert found.verdict is verdict
    assert [each.partition("/_img/")[0] for each in asked] == ["https://x.lambda-url.on.aws"]
