"""Stand in for S3 and DynamoDB on the loopback: answer at once, and count."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sink(ThreadingHTTPServer):
    """Serves ``body`` to every GET, swallows every PUT, and agrees to every write of an item."""

    daemon_threads = True

    def __init__(self, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.body = body
        self.asked: Counter[str] = Counter()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sink

    def do_GET(self) -> None:
        self._answer("S3 GetObject", self.server.body)

    def do_HEAD(self) -> None:
        self._answer("S3 HeadObject", b"")

    def do_PUT(self) -> None:
        self._answer("S3 PutObject", b"")

    def do_POST(self) -> None:
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        self._answer(f"DynamoDB {operation}", b'{"Items": []}')

    def _answer(self, what: str, body: bytes) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked[what] += 1
        self.send_response(200)
        self.send_header("ETag", '"bench"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def sink(body: bytes) -> Iterator[Sink]:
    """Serve ``body`` until the block ends."""
    server = Sink(body)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
