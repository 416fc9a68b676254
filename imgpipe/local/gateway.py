"""What stands before ministack: it plays AWS's TLS terminator, and lets nobody else's page in."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import ministack.app

IDENTITY_PATH: Final = "/_imgpipe"
ADMINISTRATION: Final = "/_ministack/"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
READS: Final = ("BatchGet", "Describe", "Get", "List", "Query", "Scan")

# ASGI's own signatures are no narrower: https://asgi.readthedocs.io/en/latest/specs/main.html
Send = Any
Receive = Any
Scope = Any


class Gateway:
    """Turns strangers away, says who it is, guards ministack's administration.

    The rest it passes on as if over TLS.
    """

    def __init__(self) -> None:
        self.changed = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] == "lifespan":
            await ministack.app.app(scope, receive, send)
        elif not _from_here(scope["headers"]):
            await _refuse(scope, send, "only this machine is served, called by its own name")
        elif scope["type"] != "http":
            await ministack.app.app(scope, receive, send)
        elif scope["path"] == IDENTITY_PATH:
            await _answer(send, 200, {"pid": os.getpid(), "state": os.getcwd()})
        elif scope["path"].startswith(ADMINISTRATION) and scope["method"] not in READING:
            # Nothing is signed there, so any page the user looks at could make the browser wipe the
            # account.
            await _refuse(scope, send, "administration is switched off")
        else:
            headers = _over_tls(list(scope["headers"]))
            await ministack.app.app({**scope, "headers": headers}, receive, send)
            if not _reads(scope):
                self.changed.set()


def _from_here(headers: list[tuple[bytes, bytes]]) -> bool:
    """Say whether a request was meant for this machine, and comes from no stranger's page.

    Such a page can have the browser call loopback, but cannot hide its ``Origin``; and where its
    own name leads to loopback (DNS rebinding), that name is the ``Host``.
    """
    hosts = [f"//{value.decode('latin-1')}" for name, value in headers if name == b"host"]
    origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
    return bool(hosts) and all(map(_is_loopback, hosts + origins))


def _is_loopback(url: str) -> bool:
    """Say whether ``url`` names 127.0.0.1 or a name in ``localhost`` (RFC 6761, 6.3)."""
    with suppress(ValueError):
        name = urlsplit(url).hostname or ""
        return name in {"127.0.0.1", "localhost"} or name.endswith(".localhost")
    return False


def _over_tls(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Say "https" where the caller says nothing: TLS-only policies would lock everybody out."""
    said = any(name == b"x-forwarded-proto" for name, _ in headers)
    return headers if said else [*headers, (b"x-forwarded-proto", b"https")]


def _reads(scope: Scope) -> bool:
    """Say whether a request changes nothing: by its method, or the operation that it names."""
    target = dict(scope["headers"]).get(b"x-amz-target", b"").decode("latin-1")
    return scope["method"] in READING or target.rpartition(".")[2].startswith(READS)


async def _refuse(scope: Scope, send: Send, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})  # not yet accepted, it is answered with a 403
    else:
        await _answer(send, 403, {"message": why})


async def _answer(send: Send, status: int, body: dict[str, object]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
