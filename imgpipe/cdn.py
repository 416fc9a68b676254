"""CloudFront as a visitor sees it: the address of a picture, and what is answered there."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, quote, urlsplit

import urllib3

from imgpipe.aws import distributions
from imgpipe.aws.network import ca_bundle, proxy_for
from imgpipe.errors import ServiceError, not_set_up

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

TIMEOUT_SECONDS: Final = 30.0
_CLOUDFRONT: Final = ".cloudfront.net"
_NONE: Final[Mapping[str, str]] = {}


@dataclass(frozen=True)
class Reply:
    """What came back: the HTTP status, the headers by their names in lower case, the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Found:
    """A distribution: its ``id``, the name that CloudFront gave it, names of one's own.

    ``patterns`` are the paths for which it has a behavior of their own.
    """

    id: str
    own: str
    names: tuple[str, ...]
    patterns: tuple[str, ...]

    def shown(self, named: str = "") -> str:
        """Return the name under which visitors see it; see ``shown``."""
        return shown(self.own, self.names, named)


def find(aws: Aws, comment: str) -> Found:
    """Return the distribution whose comment is ``comment``.

    Calls ``cloudfront:ListDistributions``.

    Raises:
        NotSetUpError: there is none.
    """
    for summary in distributions.commented(aws, comment):
        behaviors = (summary.get("CacheBehaviors") or {}).get("Items", [])
        return Found(
            str(summary["Id"]),
            str(summary["DomainName"]),
            tuple(distributions.names_of(summary)),
            tuple(each["PathPattern"] for each in behaviors),
        )
    raise not_set_up("distribution")


def domain(aws: Aws, comment: str, named: str = "") -> str:
    """Return the name under which visitors see the distribution whose comment is ``comment``.

    That is ``named``, a domain of one's own, if it answers to that; see ``shown``. As ``find``.
    """
    return find(aws, comment).shown(named)


def shown(own: str, names: Iterable[str], named: str = "") -> str:
    """Return the name to tell visitors: ``named``, else the only one of one's own, else ``own``.

    Of several nobody knows which is meant, and no address can be made of a wildcard.
    """
    found = [name for name in names if "*" not in name]
    if named in found:
        return named
    return found[0] if len(found) == 1 else own


def url(aws: Aws, domain: str, key: str) -> str:
    """Return the quoted URL of ``key`` at ``domain``, such as ``d111.cloudfront.net``.

    The embedded AWS serves the same distribution under ``<id>.cloudfront.localhost``, and a domain
    of one's own under ``images.example.com.localhost``, on its own port, over plain HTTP: browsers
    resolve every name in ``localhost`` to this machine (RFC 6761, 6.3).
    """
    path = quote(key, safe="/")
    if aws.endpoint_url is None:
        return f"https://{domain}/{path}"
    port = urlsplit(aws.endpoint_url).port
    name = domain.removesuffix(".net") if domain.endswith(_CLOUDFRONT) else domain
    return f"http://{name}.localhost{f':{port}' if port else ''}/{path}"


def leads_to(domain: str, own: str) -> bool:
    """Say whether DNS leads ``domain`` to the distribution called ``own``: by an alias or by name.

    CloudFront has many addresses for each distribution, told anew every minute: where none is
    common to both, whoever answers to ``domain`` is asked whether it is CloudFront.
    """
    here, there = _addresses(domain), _addresses(own)
    if here & there or not here:
        return bool(here)
    try:
        return "x-amz-cf-id" in fetch(f"https://{domain}/", "HEAD").headers
    except ServiceError:
        return False


def _addresses(name: str) -> set[str]:
    try:
        return {str(each[4][0]) for each in socket.getaddrinfo(name, 443)}
    except OSError:
        return set()


def fetch(
    address: str, method: str = "GET", *, body: bytes = b"", headers: Mapping[str, str] = _NONE
) -> Reply:
    """Ask for ``address`` without credentials; return the answer, a redirect as it is.

    With the ``method`` HEAD it has no body.

    Raises:
        ServiceError: nobody answers there.
    """
    parts = urlsplit(address)
    try:
        with _connections(address) as connections:
            answer = connections.request(
                method,
                _reachable(parts),
                body=body or None,
                headers={"Host": parts.netloc, **headers},
                redirect=False,
            )
    except urllib3.exceptions.HTTPError as error:
        raise ServiceError(
            f"{address} does not answer: {error.__cause__ or error}",
            hint="check the network; a new distribution needs some minutes",
        ) from error
    told = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(answer.status, told, answer.data)


def _connections(address: str) -> urllib3.PoolManager:
    options: dict[str, Any] = {
        "timeout": TIMEOUT_SECONDS,
        "retries": False,
        "ca_certs": ca_bundle(),
    }
    proxy = proxy_for(address)
    return urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)


def _reachable(address: SplitResult) -> str:
    """Return the address by number: not every resolver knows the names in ``localhost``."""
    if not (address.hostname or "").endswith(".localhost"):
        return address.geturl()
    port = f":{address.port}" if address.port else ""
    return address._replace(netloc=f"127.0.0.1{port}").geturl()


def checked(address: str, content_type: str, size: int) -> Reply:
    """Fetch ``address``; return the answer if it has this type and this size in bytes.

    Raises:
        ServiceError: it is not.
    """
    reply = fetch(address)
    found = (reply.status, reply.headers.get("content-type"), len(reply.body))
    if found != (200, content_type, size):
        raise ServiceError(
            f"{address} answered {found}, not {(200, content_type, size)}",
            hint="look at",
            next=("status",),
        )
    return reply
