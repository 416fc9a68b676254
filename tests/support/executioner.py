"""Stands between a process and the embedded AWS, and kills it at a call of a given number."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

_OURS: Final = {"connection", "expect", "keep-alive", "transfer-encoding"}


class Executioner:
    """Counts the calls that pass; the ``number``th is the victim's last.

    ``when`` it is "before", the call never arrives; when it is "after", it took effect, and its
    answer is never read. Both are a real SIGKILL, and a real connection that breaks.
    """

    def __init__(self) -> None:
        self.url = ""
        self.struck = False
        self._kill: Callable[[], object] = bool
        self._number, self._when, self._count = 0, "", 0
        self._lock = threading.Lock()

    def watch(self, kill: Callable[[], object], when: str, number: int) -> None:
        """Begin to count anew; ``kill`` ends the victim."""
        self._kill, self._when, self._number = kill, when, number
        self._count, self.struck = 0, False

    def last(self) -> bool:
        """Count a call; say whether it is the victim's last."""
        with self._lock:
            self._count += 1
            return self._count == self._number

    def strike(self, when: str) -> bool:
        """Kill the victim, if this is when; say whether it was."""
        if when != self._when:
            return False
        self._kill()
        self.struck = True
        return True


@contextmanager
def executing(upstream: str) -> Iterator[Executioner]:
    """Serve on a free port of loopback, in front of ``upstream``, until the block ends."""
    executioner, beyond = Executioner(), urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:  # the victim is dead
                self.close_connection = True

        def pass_on(self) -> None:
            last = executioner.last()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if last and executioner.strike("before"):
                self.close_connection = True
                return
            reply, answer = forwarded(beyond, self, body)
            if last and executioner.strike("after"):
                self.close_connection = True
                return
            self.send_response_only(reply.status, reply.reason)
            for name, value in reply.getheaders():
                if name.lower() not in _OURS | {"content-length"}:
                    self.send_header(name, value)
            length = reply.getheader("Content-Length") if self.command == "HEAD" else None
            self.send_header("Content-Length", length or str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on  # noqa: N815 - the server's names

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    executioner.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield executioner
    server.shutdown()
    server.server_close()


def forwarded(
    beyond: str, request: BaseHTTPRequestHandler, body: bytes
) -> tuple[http.client.HTTPResponse, bytes]:
    """Send the request on as it came, its signed Host included; return the reply and its body."""
    connection = http.client.HTTPConnection(beyond, timeout=120)
    connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers.items():
        if name.lower() not in _OURS:
            connection.putheader(name, value)
    connection.endheaders(body or None)
    reply = connection.getresponse()
    answer = reply.read()
    connection.close()
    return reply, answer
