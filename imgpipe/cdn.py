"""CloudFront as a visitor sees it: where a processed picture is, and what the distribution answers."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from imgpipe.errors import ServiceError, not_set_up

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

PATIENCE: Final = 30.0


@dataclass(frozen=True)
class Reply:
    """What came back: the HTTP status, the headers under their names in lower case, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def domain(aws: Aws, comment: str) -> str:
    """Return the domain name of the distribution that has ``comment`` (``cloudfront:ListDistributions``).

    Raises:
        NotSetUpError: there is none.
    """
    for page in aws.client("cloudfront").get_paginator("list_distributions").paginate():
        for summary in page["DistributionList"].get("Items", []):
            if summary["Comment"] == comment:
                return str(summary["DomainName"])
    raise not_set_up("distribution")


def url(aws: Aws, domain: str, key: str) -> str:
    """Return the URL ``domain`` (``d111111abcdef8.cloudfront.net``) serves ``key`` under, quoted: it can be clicked and copied.

    The embedded AWS serves the same distribution under ``<id>.cloudfront.localhost`` on its own port, over plain HTTP:
    browsers resolve every name in ``localhost`` to this machine (RFC 6761, 6.3).
    """
    path = quote(key, safe="/")
    if aws.endpoint_url is None:
        return f"https://{domain}/{path}"
    port = urlsplit(aws.endpoint_url).port
    return f"http://{domain.removesuffix('.net')}.localhost{f':{port}' if port else ''}/{path}"


def fetch(address: str) -> Reply:
    """GET ``address`` without credentials and without following redirects, as a visitor's browser would begin.

    Raises:
        ServiceError: nobody answers there.
    """
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(_host(parts.hostname or ""), parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", parts.path or "/", headers={"Host": parts.netloc})
        answer = connection.getresponse()
        return Reply(
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            answer.read(),
        )
    except (OSError, http.client.HTTPException) as error:
        raise ServiceError(
            f"{address} does not answer: {error}",
            hint="check the network; a new distribution needs some minutes",
        ) from error
    finally:
        connection.close()


def checked(address: str, content_type: str, size: int) -> Reply:
    """Fetch ``address`` and make sure it is what the table says: ``content_type``, ``size`` in bytes.

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


def _host(name: str) -> str:
    """Not every resolver knows the names in ``localhost``, so they are not asked."""
    return "127.0.0.1" if name.endswith(".localhost") else name
