"""Which hosted zone answers for a domain, and whether Amazon may certify it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imgpipe.aws import zones
from imgpipe.aws.zones import Zone
from imgpipe.errors import ServiceError
from tests.support.contract.domain import change, record, zone

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

pytestmark = pytest.mark.slow

DOMAIN = "images.example.com"
ELSEWHERE = ["ns-1.elsewhere.net.", "ns-2.elsewhere.net."]


@pytest.mark.parametrize(
    ("there", "domain", "found"),
    [
        (["example.com"], DOMAIN, "example.com"),
        (["example.com", "images.example.com"], DOMAIN, "images.example.com"),
        (["images.example.com", "example.com", "com.example"], DOMAIN, "images.example.com"),
        (["example.com"], "example.com", "example.com"),
        (["ample.com", "ages.example.com", "other.org"], DOMAIN, ""),
        ([], DOMAIN, ""),
        (["a.b.example.com"], "b.example.com", ""),
    ],
)
def test_the_longest_zone_that_ends_the_domain_is_found(
    aws: Aws, there: list[str], domain: str, found: str
) -> None:
    """By whole labels; the domain may be the zone itself."""
    for name in there:
        zone(aws, name)
    assert zones.zone_of(aws, domain).name == found


def test_private_zones_are_not_seen_by_the_world(aws: Aws) -> None:
    """Not even a longer one, nor one of the same name."""
    zone(aws, DOMAIN, private=True)
    zone(aws, "example.com", private=True)
    assert "no public hosted zone" in zones.zone_of(aws, DOMAIN).elsewhere
    public = zone(aws)
    assert zones.zone_of(aws, DOMAIN) == Zone(public, "example.com")


def test_of_two_zones_with_one_name_none_is_guessed(aws: Aws) -> None:
    """Both are named: only the registrar knows which counts."""
    both = [zone(aws), zone(aws)]
    found = zones.zone_of(aws, DOMAIN)
    assert all(each in found.elsewhere for each in both)
    assert found.id == ""


@pytest.mark.parametrize("name", [DOMAIN, "b.example.com"])
def test_a_domain_that_is_handed_on_is_elsewhere(aws: Aws, name: str) -> None:
    """What is written above the cut nobody ever asks for."""
    zone_id = zone(aws)
    change(aws, zone_id, "CREATE", record(name, "NS", *ELSEWHERE))
    found = zones.zone_of(aws, f"a.{name}")
    assert "ns-1.elsewhere.net" in found.elsewhere
    assert zones.zone_of(aws, "other.example.com") == Zone(zone_id, "example.com")


@pytest.mark.parametrize(
    ("name", "values", "others"),
    [
        ("example.com", ['0 issue "letsencrypt.org"'], "letsencrypt.org"),
        ("example.com", ['0 issue ";"'], "nobody"),
        (DOMAIN, ['0 issue "ca.example; account=1"', '0 issue "b.example"'], "b.example, ca.ex"),
        ("example.com", ['0 issue "letsencrypt.org"', '0 issue "amazon.com"'], None),
        ("example.com", ['0 ISSUE "AmazonAWS.com; x=y"'], None),
        ("example.com", ['0 issuewild "letsencrypt.org"', '0 iodef "mailto:me@a.b"'], None),
        ("other.example.com", ['0 issue "letsencrypt.org"'], None),
    ],
)
def test_a_caa_record_that_keeps_amazon_out_is_told(
    aws: Aws, name: str, values: list[str], others: str | None
) -> None:
    """Of the domain, or of a name above it; wildcards have a tag of their own."""
    found = Zone(zone(aws), "example.com")
    change(aws, found.id, "CREATE", record(name, "CAA", *values))
    if others is None:
        zones.require_amazon(aws, found, DOMAIN)
        return
    with pytest.raises(ServiceError, match=others) as refused:
        zones.require_amazon(aws, found, DOMAIN)
    assert "amazon.com" in refused.value.hint


def test_the_nearest_caa_records_decide(aws: Aws) -> None:
    """Those above it are not looked at."""
    found = Zone(zone(aws), "example.com")
    above = record("example.com", "CAA", '0 issue "letsencrypt.org"')
    change(aws, found.id, "CREATE", above, record(DOMAIN, "CAA", '0 issue "amazontrust.com"'))
    zones.require_amazon(aws, found, DOMAIN)
