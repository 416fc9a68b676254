"""Of a distribution's names one is ours; what others put beside it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from imgpipe.aws import distribution_names as names

ARN = "arn:aws:acm:us-east-1:123456789012:certificate/1"
OTHER_ARN = "arn:aws:acm:us-east-1:123456789012:certificate/2"


def config(*aliases: str, arn: str = OTHER_ARN, policy: str = "TLSv1.2_2021") -> dict[str, Any]:
    """A configuration as CloudFront gives it."""
    own = {
        "ACMCertificateArn": arn,
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": policy,
    }
    default = {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"}
    return {
        "Aliases": {"Quantity": len(aliases), **({"Items": list(aliases)} if aliases else {})},
        "ViewerCertificate": own if aliases else default,
    }


def live(*aliases: str, ours: str = "", **certificate: str) -> dict[str, Any]:
    """The live properties of a distribution, one of whose names is ours."""
    tags = {names.DOMAIN_TAG: ours} if ours else {}
    return {**names.read(config(*aliases, **certificate)), "Tags": tags}


def wanted(domain: str) -> dict[str, Any]:
    """What a setup wants; nothing of ours where no domain is given."""
    properties = names.answering(domain, ARN) if domain else names.nameless()
    return {**properties, "Tags": names.remembering(domain, "")}


def test_what_was_written_reads_as_desired() -> None:
    """The name, its certificate, and no name at all."""
    for desired in (names.answering("a.example.com", ARN), names.nameless()):
        assert names.read(names.written(desired)) == desired
    assert names.written({"Enabled": True}) == {}


@pytest.mark.parametrize(
    ("there", "ours", "domain", "left"),
    [
        ((), "", "new.example.com", ["new.example.com"]),
        (("old.example.com",), "old.example.com", "new.example.com", ["new.example.com"]),
        (
            ("old.example.com", "theirs.example.com"),
            "old.example.com",
            "new.example.com",
            ["new.example.com", "theirs.example.com"],
        ),
        (("new.example.com",), "", "new.example.com", ["new.example.com"]),
        (("old.example.com", "theirs.example.com"), "old.example.com", "", ["theirs.example.com"]),
        (("old.example.com",), "old.example.com", "", []),
        (("theirs.example.com",), "", "", ["theirs.example.com"]),
    ],
)
def test_only_our_name_comes_and_goes(
    there: tuple[str, ...], ours: str, domain: str, left: list[str]
) -> None:
    """Those that somebody gave it stay, whatever becomes of ours."""
    assert names.beside(wanted(domain), live(*there, ours=ours))["Aliases"] == left


def test_names_of_others_keep_their_certificate() -> None:
    """Once ours is gone, nothing is said of it; without them it is CloudFront's own again."""
    kept = names.beside(wanted(""), live("a.example.com", "b.example.com", ours="a.example.com"))
    assert set(names.written(kept)) == {"Aliases"}
    gone = names.beside(wanted(""), live("a.example.com", ours="a.example.com"))
    assert names.written(gone)["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        ("TLSv1.2_2025", "TLSv1.2_2025"),
        ("TLSv1.3_2025", "TLSv1.3_2025"),
        ("TLSv1.1_2016", "TLSv1.2_2021"),
        ("TLSv1", "TLSv1.2_2021"),
    ],
)
def test_a_stricter_policy_of_somebodys_stays(policy: str, kept: str) -> None:
    """A laxer one does not."""
    there = live("a.example.com", ours="a.example.com", policy=policy)
    found = names.beside(wanted("a.example.com"), there)
    assert found["ViewerCertificate"]["MinimumProtocolVersion"] == kept


def test_a_distribution_that_never_had_a_name_is_not_told_that_it_has_none() -> None:
    """So that taking away what is not there changes nothing."""
    tags = names.beside(wanted(""), live())["Tags"]
    assert tags == {}
    assert names.beside(wanted(""), live(ours="a.example.com"))["Tags"] == {names.DOMAIN_TAG: ""}


def test_what_says_nothing_of_names_is_left_as_it_is() -> None:
    """A setup without a domain."""
    desired = {"Enabled": True, "Tags": {}}
    assert names.beside(desired, live("theirs.example.com")) == desired
