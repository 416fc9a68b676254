"""A domain's records: made where nothing stands, and taken back only while they are as we made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.engine.graph import Action
from imgpipe.errors import NotOursError, NotSettledError, ServiceError
from imgpipe.resources.record_set_group import RecordSetGroup
from tests.support.contract.domain import DOMAIN, RECORDS, change, record, records, zone
from tests.support.stand_ins import create

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Engine, Faults, Outcome

pytestmark = pytest.mark.slow

RESOURCE: Any = RECORDS.resource
DISTRIBUTION: Any = RESOURCE.distribution
TOLD = replace(RESOURCE, domain="", name="whichever", wanted=False)
"""As a teardown has it, which knows of no domain but what the distribution remembers."""


def setup(engine: Engine, resource: Any) -> Outcome:
    """Set it up on its distribution; one without a domain is taken away."""
    return engine.setup(resource, *RECORDS.needed[:-1], resource.distribution)


@pytest.fixture
def target(aws: Aws, engine: Engine) -> str:
    """The name of a distribution that answers to the domain."""
    setup(engine, TOLD)
    return str(DISTRIBUTION.read(aws)["DomainName"])


def test_both_families_lead_to_the_distribution(aws: Aws, target: str) -> None:
    """By alias, which costs nothing and may stand at the top of a zone."""
    zone_id = zone(aws, DOMAIN)
    create(aws, RESOURCE)
    found = records(aws, zone_id)
    assert set(found) == {(DOMAIN, "A"), (DOMAIN, "AAAA")}
    for each in found.values():
        assert each["AliasTarget"]["DNSName"].rstrip(".") == target
        assert each["AliasTarget"]["HostedZoneId"] == "Z2FDTNDATAQYW2"


def test_they_are_found_again_by_what_the_distribution_remembers(
    aws: Aws, engine: Engine, target: str
) -> None:
    """Whatever the settings say by then."""
    zone_id = zone(aws)
    create(aws, RESOURCE)
    assert setup(engine, TOLD).action is Action.DELETE
    assert records(aws, zone_id) == {}
    assert setup(engine, TOLD).action is Action.NONE
    assert "imgpipe:records" not in DISTRIBUTION.read(aws)["Tags"]


@pytest.mark.parametrize("kind", ["A", "CNAME"])
def test_a_record_of_somebody_elses_is_refused_and_left(
    aws: Aws, engine: Engine, target: str, kind: str
) -> None:
    """It may be a living site: nothing is changed, and it says where that leads."""
    zone_id = zone(aws)
    value = "192.0.2.1" if kind == "A" else "old.example.net"
    change(aws, zone_id, "CREATE", record(DOMAIN, kind, value))
    with pytest.raises(NotOursError, match=value) as refused:
        setup(engine, RESOURCE)
    assert "delete it" in refused.value.hint
    assert engine.calls.mutating == []


@pytest.mark.usefixtures("target")
def test_one_that_was_led_elsewhere_since_is_not_ours_any_more(aws: Aws, engine: Engine) -> None:
    """A teardown leaves it; the other goes."""
    zone_id = zone(aws)
    create(aws, RESOURCE)
    change(aws, zone_id, "UPSERT", record(DOMAIN, "A", "192.0.2.1"))
    assert setup(engine, TOLD).action is Action.DELETE
    assert set(records(aws, zone_id)) == {(DOMAIN, "A")}


def test_what_somebody_made_by_hand_is_used_and_never_deleted(
    aws: Aws, engine: Engine, target: str
) -> None:
    """A CNAME that leads to the distribution does as well."""
    zone_id = zone(aws)
    change(aws, zone_id, "CREATE", record(DOMAIN, "CNAME", f"{target.upper()}."))
    assert setup(engine, RESOURCE).action is Action.NONE
    assert setup(engine, TOLD).action is Action.NONE
    assert set(records(aws, zone_id)) == {(DOMAIN, "CNAME")}


@pytest.mark.usefixtures("target")
def test_without_a_zone_there_is_nothing_to_do_but_to_say_so(aws: Aws, engine: Engine) -> None:
    """And nothing to take back."""
    assert setup(engine, RESOURCE).action is Action.NONE
    assert "no public hosted zone" in RESOURCE.read(aws)["Elsewhere"]
    assert TOLD.read(aws) is None


@pytest.mark.usefixtures("target")
def test_another_domain_takes_the_records_of_the_old_one_away(aws: Aws, engine: Engine) -> None:
    """Even if the new one is in another zone."""
    old, new = zone(aws), zone(aws, "example.org")
    create(aws, RESOURCE)
    moved = replace(DISTRIBUTION, domain="a.example.org")
    done = setup(engine, replace(RESOURCE, domain="a.example.org", distribution=moved))
    assert (done.action, set(done.changed)) == (Action.UPDATE, {"Name"})
    assert records(aws, old) == {}
    assert set(records(aws, new)) == {("a.example.org", "A"), ("a.example.org", "AAAA")}


@pytest.mark.usefixtures("target")
def test_a_new_domain_that_leads_elsewhere_is_refused_before_the_old_one_goes(
    aws: Aws, engine: Engine
) -> None:
    """Its records stand as they stood."""
    old, new = zone(aws), zone(aws, "example.org")
    create(aws, RESOURCE)
    change(aws, new, "CREATE", record("a.example.org", "A", "192.0.2.1"))
    with pytest.raises(NotOursError):
        setup(engine, replace(RESOURCE, domain="a.example.org"))
    assert set(records(aws, old)) == {(DOMAIN, "A"), (DOMAIN, "AAAA")}


def test_nothing_leads_to_a_distribution_that_does_not_answer_yet(aws: Aws, engine: Engine) -> None:
    """While the certificate waits, visitors would get an error."""
    zone_id = zone(aws)
    nameless = replace(DISTRIBUTION, domain=None)
    setup(engine, replace(TOLD, distribution=nameless))
    with pytest.raises(NotSettledError):
        create(aws, RESOURCE)
    assert records(aws, zone_id) == {}


@pytest.mark.usefixtures("target")
def test_records_that_may_not_be_looked_at_stop_a_teardown(
    aws: Aws, engine: Engine, faults: Faults
) -> None:
    """They would lead nowhere once the distribution is gone; nobody asked for them by name."""
    zone(aws)
    create(aws, RESOURCE)
    with (
        faults.denying("ListResourceRecordSets"),
        pytest.raises(ServiceError, match="nobody may look"),
    ):
        engine.teardown(TOLD, DISTRIBUTION)


@pytest.mark.usefixtures("target")
def test_a_zone_that_is_gone_took_them_along(aws: Aws) -> None:
    """A teardown goes on."""
    zone_id = zone(aws)
    create(aws, RESOURCE)
    change(aws, zone_id, "DELETE", *records(aws, zone_id).values())
    aws.client("route53").delete_hosted_zone(Id=zone_id)
    assert TOLD.read(aws) is None


def test_its_owner_is_the_distribution() -> None:
    """Whose tags remember the records."""
    assert RecordSetGroup("a", distribution=DISTRIBUTION).owner == DISTRIBUTION
