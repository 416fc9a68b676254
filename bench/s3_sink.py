"""As much of S3 (and STS) over HTTPS as uploads need, in a process of its own; it keeps nothing."""

from __future__ import annotations

import selectors
import socket
import ssl
import subprocess
import sys
import time
from collections import deque
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.paths import ROOT
from tests.support.tls import certified

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_ACCOUNT: Final = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    b"<GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult>"
    b"</GetCallerIdentityResponse>"
)
_NOTIFICATION: Final = (
    b"<NotificationConfiguration><CloudFunctionConfiguration><CloudFunction>arn</CloudFunction>"
    b"<Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration></NotificationConfiguration>"
)
_BEGUN: Final = (
    b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
)
_COMPLETE: Final = b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"
_NO_UPLOADS: Final = b"<ListMultipartUploadsResult></ListMultipartUploadsResult>"
_BLOCK_BYTES: Final = 1024 * 1024


_HEAD_END: Final = b"\r\n\r\n"
_LINE_END: Final = b"\r\n"
_DATE: Final = "Thu, 01 Jan 2026 00:00:00 GMT"
_HEADERS: Final = f'ETag: "bench"\r\nLast-Modified: {_DATE}\r\nDate: {_DATE}\r\n'


class _Connection:
    """One client, whose requests are read as their bytes come; ``answer`` gets what to send."""

    def __init__(self, socket: ssl.SSLSocket, answer: Callable[[_Connection, bytes], None]) -> None:
        self.socket = socket
        self._answer = answer
        self._held = bytearray()
        self._left = 0
        self._reading = self._requests()
        next(self._reading)

    def receive(self, into: memoryview) -> bool:
        """Take all that has come; say whether the client is still there."""
        try:
            while count := self.socket.recv_into(into):
                self._take(into[:count])
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return True
        except OSError:
            return False
        return False

    def _take(self, data: memoryview) -> None:
        if self._left > len(data):
            self._left -= len(data)
            return
        self._held += data[self._left :]
        self._left = 0
        next(self._reading)

    def _requests(self) -> Iterator[None]:
        """Read request after request; each ``yield`` waits for more bytes."""
        while True:
            head = yield from self._until(_HEAD_END)
            line, *lines = head.split(_LINE_END)
            headers = dict(each.lower().split(b": ", 1) for each in lines)
            if headers.get(b"expect"):
                self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            if headers.get(b"transfer-encoding") == b"chunked":
                yield from self._chunks()
            else:
                yield from self._skip(int(headers.get(b"content-length", 0)))
            self._answer(self, _body(line))

    def _chunks(self) -> Generator[None, None, None]:
        while size := int((yield from self._until(_LINE_END)).partition(b";")[0], 16):
            yield from self._skip(size + len(_LINE_END))
        while (yield from self._until(_LINE_END)):
            pass

    def _until(self, end: bytes) -> Generator[None, None, bytes]:
        while (at := self._held.find(end)) < 0:
            yield
        found = bytes(self._held[:at])
        del self._held[: at + len(end)]
        return found

    def _skip(self, size: int) -> Generator[None, None, None]:
        here = min(size, len(self._held))
        del self._held[:here]
        self._left = size - here
        if self._left:
            yield


def _body(line: bytes) -> bytes:
    """Return what S3 or STS answers to a request of that first line."""
    verb, path, _ = line.split(b" ")
    if verb == b"GET":
        return _NOTIFICATION if b"notification" in path else _NO_UPLOADS
    if verb != b"POST":
        return b""
    return _BEGUN if b"uploads" in path else _COMPLETE if b"uploadId" in path else _ACCOUNT


class _Server:
    """Everything in one thread, so that it takes little of what its clients are measured by."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._seconds = seconds
        self._due: deque[tuple[float, _Connection, bytes]] = deque()
        self._context = certified(folder)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.port = self._listener.getsockname()[1]

    def serve(self) -> None:
        """Answer for ever."""
        into = memoryview(bytearray(_BLOCK_BYTES))
        while True:
            for key, _ in self._selector.select(self._patience()):
                if key.data is None:
                    self._accept()
                elif not key.data.receive(into):
                    self._selector.unregister(key.fileobj)
                    key.data.socket.close()
            while self._due and self._due[0][0] <= time.monotonic():
                _, connection, answer = self._due.popleft()
                connection.socket.sendall(answer)

    def _patience(self) -> float | None:
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else None

    def _accept(self) -> None:
        plain, _ = self._listener.accept()
        plain.settimeout(0)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self._selector.register(client, selectors.EVENT_READ, _Connection(client, self._later))

    def _later(self, connection: _Connection, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\n{_HEADERS}Content-Length: {len(body)}\r\n\r\n".encode()
        self._due.append((time.monotonic() + self._seconds, connection, head + body))


@contextmanager
def sink(folder: Path, seconds: float) -> Iterator[str]:
    """Yield the address of one that answers each request ``seconds`` late, until the block ends.

    What vouches for it is put into ``folder``, as ``ca.pem``.
    """
    command = [sys.executable, "-m", "bench.s3_sink", str(folder), str(seconds)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield f"https://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    server = _Server(Path(sys.argv[1]), float(sys.argv[2]))
    print(server.port, flush=True)
    server.serve()
