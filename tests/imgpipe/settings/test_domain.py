"""A domain has one spelling in the settings, however it was typed."""

from __future__ import annotations

from typing import Any

import pytest

from imgpipe.errors import SettingsError
from imgpipe.settings import load
from imgpipe.settings.domain import canonical

ARN = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-1111-2222-3333-444455556666"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("images.example.com", "images.example.com"),
        ("Images.Example.COM.", "images.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("日本語。jp", "xn--wgv71a119e.jp"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("example.com", "example.com"),
        ("a.b", "a.b"),
        ("none", "none"),
    ],
)
def test_one_spelling(typed: str, kept: str) -> None:
    """Case, the last dot, and other scripts."""
    assert load({"domain": typed}, {}).domain == kept


@pytest.mark.parametrize(
    "typed",
    [
        "*.example.com",
        "localhost",
        "192.0.2.1",
        "https://images.example.com",
        "images.example.com/a",
        "images.example.com:443",
        "me@example.com",
        "a..example.com",
        ".example.com",
        "-a.example.com",
        "a-.example.com",
        "a_b.example.com",
        f"{'a' * 64}.example.com",
        ".".join(["abcdefghi"] * 26),
        "straße.example",
        "a\u200db.example",
        "images.example.com\n",
        " images.example.com",
        "NONE",
    ],
)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    """Before anything is asked of AWS; letters that may stand for two domains, too."""
    with pytest.raises(SettingsError, match="--domain"):
        load({"domain": typed}, {})


def test_a_spelling_is_its_own_spelling() -> None:
    """Typed again as it is kept, it stays."""
    for typed in ("Images.Example.COM.", "bücher.example", "日本語。jp"):
        kept = canonical(typed)
        assert kept
        assert canonical(kept) == kept


@pytest.mark.parametrize(
    ("flags", "hint"),
    [
        ({"certificate_arn": ARN}, "name it"),
        ({"certificate_arn": ARN, "domain": "none"}, "name it"),
        ({"domain": f"{'a' * 60}.example.com"}, "certificate-arn"),
        (
            {"certificate_arn": ARN.replace("us-east-1", "eu-west-1"), "domain": "a.example.com"},
            "in us-east-1",
        ),
        ({"certificate_arn": "0a1b2c3d", "domain": "a.example.com"}, "in us-east-1"),
    ],
)
def test_what_does_not_go_together_is_refused(flags: dict[str, Any], hint: str) -> None:
    """A certificate without a domain, one of another region, a name too long for one."""
    with pytest.raises(SettingsError) as refused:
        load(flags, {})
    assert hint in refused.value.hint


def test_a_long_name_may_come_with_a_certificate() -> None:
    """Which has it among its alternative names."""
    domain = f"{'a' * 60}.example.com"
    assert load({"domain": domain, "certificate_arn": ARN}, {}).domain == domain
