"""URLs of processed pictures, and fetching them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgpipe import cdn
from imgpipe.errors import NotSetUpError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgpipe.aws.account import Aws
    from tests.support.account import Faults

ACCOUNT: Final[Any] = SimpleNamespace(endpoint_url=None)
EMBEDDED: Final[Any] = SimpleNamespace(endpoint_url="http://127.0.0.1:4566")
DOMAIN: Final = "d111.cloudfront.net"


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("", "/"),
        ("a/processed-photo.jpg", "/a/processed-photo.jpg"),
        ("a b+c%20?#&.jpg", "/a%20b%2Bc%2520%3F%23%26.jpg"),
        ("größe\n.jpg", "/gr%C3%B6%C3%9Fe%0A.jpg"),
        ("<script>\"'`.jpg", "/%3Cscript%3E%22%27%60.jpg"),
    ],
)
def test_a_url_is_quoted(key: str, path: str) -> None:
    """It can be clicked, copied and pasted into a page."""
    assert cdn.url(ACCOUNT, DOMAIN, key) == f"https://{DOMAIN}{path}"


@given(st.text())
def test_any_key_survives_its_url(key: str) -> None:
    """What CloudFront decodes is the key, and nothing of it ends the path."""
    parts = urlsplit(cdn.url(ACCOUNT, DOMAIN, key))
    assert (parts.netloc, unquote(parts.path), parts.query, parts.fragment) == (
        DOMAIN,
        f"/{key}",
        "",
        "",
    )
    assert parts.geturl().isascii()
    assert parts.geturl().isprintable()


def test_the_embedded_aws_serves_on_this_machine() -> None:
    """Under a name that browsers resolve to it."""
    assert cdn.url(EMBEDDED, DOMAIN, "a b.jpg") == "http://d111.cloudfront.localhost:4566/a%20b.jpg"


@pytest.fixture
def visited() -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """A server's port, and each request's host and path; it redirects, as from http to https."""
    seen: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.headers["Host"], self.path))
            self.send_response(301)
            self.send_header("Location", "https://elsewhere/")
            self.send_header("X-Cache", "Hit")
            self.end_headers()
            self.wfile.write(b"moved")

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port, seen
    server.shutdown()
    server.server_close()


def test_a_name_in_localhost_needs_no_resolver(visited: tuple[int, list[tuple[str, str]]]) -> None:
    """This machine is asked, under that name, and its redirect is the answer."""
    port, seen = visited
    reply = cdn.fetch(f"http://d111.cloudfront.localhost:{port}/a%20b.jpg")
    assert seen == [(f"d111.cloudfront.localhost:{port}", "/a%20b.jpg")]
    assert (reply.status, reply.headers["location"], reply.headers["x-cache"], reply.body) == (
        301,
        "https://elsewhere/",
        "Hit",
        b"moved",
    )


def test_an_address_without_a_path_means_the_front_page(
    visited: tuple[int, list[tuple[str, str]]],
) -> None:
    """As in a browser."""
    port, seen = visited
    cdn.fetch(f"http://x.localhost:{port}")
    assert seen[0][1] == "/"


def test_a_name_in_localhost_needs_no_proxy(
    visited: tuple[int, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One would look for it on its own machine. Nothing listens on port 9."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    port, seen = visited
    assert cdn.fetch(f"http://d111.cloudfront.localhost:{port}/").status == 301
    assert seen


def test_another_address_goes_through_the_users_proxy(
    visited: tuple[int, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is asked for the whole address; NO_PROXY keeps it out."""
    port, seen = visited
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
    assert cdn.fetch("http://d111.cloudfront.invalid/a.jpg").status == 301
    assert seen == [("d111.cloudfront.invalid", "http://d111.cloudfront.invalid/a.jpg")]
    monkeypatch.setenv("NO_PROXY", "cloudfront.invalid")
    with pytest.raises(ServiceError, match="does not answer"):
        cdn.fetch("http://d111.cloudfront.invalid/a.jpg")


def test_nobody_there_is_an_error() -> None:
    """With the address and a hint, no traceback. Nothing listens on port 1."""
    with pytest.raises(ServiceError, match="does not answer") as error:
        cdn.fetch("http://d111.cloudfront.localhost:1/")
    assert error.value.hint


def test_the_domain_is_found_by_the_comment(aws: Aws, faults: Faults) -> None:
    """Among all distributions of the account."""
    items = [
        {"Comment": "imgpipe other", "DomainName": "x.cloudfront.net"},
        {"Id": "E1", "Comment": "imgpipe", "DomainName": DOMAIN},
    ]
    faults.answer("ListDistributions", {"DistributionList": {"Items": items, "IsTruncated": False}})
    assert cdn.domain(aws, "imgpipe") == DOMAIN


def test_no_distribution_says_what_to_do(aws: Aws) -> None:
    """The set-up is not finished."""
    with pytest.raises(NotSetUpError):
        cdn.domain(aws, "imgpipe")


@pytest.mark.parametrize(
    ("names", "named", "shown"),
    [
        ([], "", DOMAIN),
        ([], "a.example.com", DOMAIN),
        (["a.example.com"], "", "a.example.com"),
        (["a.example.com"], "b.example.com", "a.example.com"),
        (["a.example.com", "b.example.com"], "b.example.com", "b.example.com"),
        (["a.example.com", "b.example.com"], "", DOMAIN),
        (["*.example.com"], "", DOMAIN),
        (["*.example.com", "a.example.com"], "", "a.example.com"),
    ],
)
def test_visitors_are_told_the_name_of_ones_own(
    aws: Aws, faults: Faults, names: list[str], named: str, shown: str
) -> None:
    """The one that is meant, where that is known; the name that CloudFront gave stays known."""
    item = {
        "Id": "E1", "Comment": "imgpipe", "DomainName": DOMAIN, "Aliases": {"Items": names}
    }  # fmt: skip
    page = {"DistributionList": {"Items": [item], "IsTruncated": False}}
    faults.answer("ListDistributions", page, times=2)
    assert cdn.domain(aws, "imgpipe", named) == shown
    assert cdn.find(aws, "imgpipe").own == DOMAIN


def test_the_embedded_aws_serves_a_name_of_ones_own() -> None:
    """Whole, though it ends as CloudFront's names do."""
    assert cdn.url(EMBEDDED, "photos.net", "a") == "http://photos.net.localhost:4566/a"


@pytest.mark.parametrize(
    ("here", "there", "headers", "leads"),
    [
        (["192.0.2.1", "192.0.2.2"], ["192.0.2.2"], None, True),
        (["192.0.2.1"], ["192.0.2.9"], {"x-amz-cf-id": "1"}, True),
        (["192.0.2.1"], ["192.0.2.9"], {"server": "nginx"}, False),
        (["192.0.2.1"], ["192.0.2.9"], None, False),
        ([], ["192.0.2.9"], None, False),
        ([], [], None, False),
    ],
)
def test_whether_dns_leads_to_the_distribution(
    monkeypatch: pytest.MonkeyPatch,
    here: list[str],
    there: list[str],
    headers: dict[str, str] | None,
    leads: bool,
) -> None:
    """By an address that both have, or by who answers there."""

    def resolved(name: str, _: int) -> list[Any]:
        found = here if name == "a.example.com" else there
        if not found:
            raise OSError("Name or service not known")
        return [(0, 0, 0, "", (address, 443)) for address in found]

    def fetch(*_: object) -> cdn.Reply:
        if headers is None:
            raise ServiceError("nobody there")
        return cdn.Reply(200, headers, b"")

    monkeypatch.setattr("socket.getaddrinfo", resolved)
    monkeypatch.setattr(cdn, "fetch", fetch)
    assert cdn.leads_to("a.example.com", DOMAIN) is leads
