"""Proxies and trust: what the environment says, and that nothing stands before this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imgpipe.aws.network import ca_bundle, is_loopback, proxy_for

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.bucket_server import BucketServer


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:4566/", True),
        ("http://localhost:4566", True),
        ("https://d1.cloudfront.localhost./a", True),
        ("https://localhost.example.com", False),
        ("https://mylocalhost", False),
        ("http://10.0.0.1", False),
        ("https://s3.eu-west-1.amazonaws.com", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_number_and_name(url: str, loopback: bool) -> None:
    """Whatever the port and the path."""
    assert is_loopback(url) is loopback


def test_a_proxy_is_for_the_scheme_and_never_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """NO_PROXY keeps out what it names."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "internal.example.com")
    assert proxy_for("https://example.com/a") == "http://proxy:3128"
    assert proxy_for("https://internal.example.com/a") is None
    assert proxy_for("http://example.com/a") is None
    assert proxy_for("https://localhost/a") is None


def test_the_users_own_authorities_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_CA_BUNDLE, as for boto3."""
    assert Path(ca_bundle()).is_file()
    monkeypatch.setenv("AWS_CA_BUNDLE", "/etc/own.pem")
    assert ca_bundle() == "/etc/own.pem"


def test_an_emulator_on_this_machine_is_reached_past_the_users_proxy(
    served: Aws, bucket_server: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens on port 9, where the proxy is said to be."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    served.client("s3").put_object(Bucket="pictures", Key="photo.jpg", Body=b"a picture")
    assert [put.body for put in bucket_server.puts] == [b"a picture"]
