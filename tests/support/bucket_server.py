"""As much of S3 (and STS) over HTTP as an upload sees: keeps every request, and fails on demand."""

from __future__ import annotations

import hashlib
import hmac
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

ACCOUNT = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""
DATE = "Wed, 01 Jul 2026 10:00:00 GMT"


@dataclass(frozen=True)
class Request:
    """One PUT as it came; ``connection`` is the same for requests that shared one."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: tuple[str, int]


@dataclass(frozen=True)
class Signed:
    """What a request says of its signature: whose key, when, of which ``headers``, of what."""

    credential: str
    date: str
    headers: str
    value: str
    query: str
    payload: str


def signed(request: Request) -> Signed:
    """Return what a request says of its signature, in its query or in its headers.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html,
    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """
    _, _, query = request.path.partition("?")
    if not query:
        _, said = request.headers["Authorization"].split(" ", 1)
        told = dict(pair.strip().split("=", 1) for pair in said.split(","))
        headers = {name.lower(): value for name, value in request.headers.items()}
        date, payload = headers["x-amz-date"], headers["x-amz-content-sha256"]
        return Signed(
            told["Credential"], date, told["SignedHeaders"], told["Signature"], "", payload
        )
    pairs = dict(pair.split("=", 1) for pair in query.split("&"))
    value = pairs.pop("X-Amz-Signature")
    unsigned = "&".join(sorted(f"{name}={text}" for name, text in pairs.items()))
    credential, names = unquote(pairs["X-Amz-Credential"]), unquote(pairs["X-Amz-SignedHeaders"])
    return Signed(credential, pairs["X-Amz-Date"], names, value, unsigned, "UNSIGNED-PAYLOAD")


def signature(request: Request, secret: str) -> str:
    """Return S3's signature of a request as it came, to compare with the one it brings."""
    said, path = signed(request), request.path.partition("?")[0]
    headers = {name.lower(): value for name, value in request.headers.items()}
    lines = "".join(f"{name}:{headers[name]}\n" for name in said.headers.split(";"))
    canonical = f"PUT\n{path}\n{said.query}\n{lines}\n{said.headers}\n{said.payload}"
    _, scope = said.credential.split("/", 1)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{said.date}\n{scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


@dataclass
class BucketServer:
    """``url`` to reach it at, and the ``puts`` so far.

    ``failures`` are given to the next PUTs, ``refuse`` to every PUT of a key, each a status and an
    error code; every answer takes ``delay`` s, and waits until the requests ``together`` asks for
    are there.
    """

    url: str
    puts: list[Request] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)
    refuse: dict[str, tuple[int, str]] = field(default_factory=dict)
    delay: float = 0.0
    together: threading.Barrier | None = None


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[BucketServer]:
    """Serve on a free port of loopback until the block ends, over HTTPS given what it needs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self._body()
            self._answer(200, ACCOUNT)

        def do_PUT(self) -> None:
            state.puts.append(
                Request(self.path, dict(self.headers.items()), self._body(), self.client_address)
            )
            threading.Event().wait(state.delay)
            if state.together:
                state.together.wait(timeout=30)
            key = urlsplit(self.path).path.rpartition("/")[2]
            status, code = (
                state.failures.pop(0) if state.failures else state.refuse.get(key, (200, ""))
            )
            self._answer(
                status,
                f"<Error><Code>{code}</Code><Message>as the test asked</Message></Error>".encode()
                if code
                else b"",
            )

        def date_time_string(self, timestamp: float | None = None) -> str:
            return DATE

        def log_message(self, *args: object) -> None:
            pass

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("ETag", '"etag"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    state = BucketServer(f"{scheme}://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()
