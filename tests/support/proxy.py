"""A proxy before the embedded AWS that answers as AWS does and an emulator never would."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

# aiohttp takes bodies of 1 MiB unless told otherwise; a function's code is larger. The Host stays
# as it was signed, an answer says its length, and the dice fall the same way each time.
SEED = 9
MICROBURST = """
import functools, random, sys
random.seed(int(sys.argv.pop(1)))
from aiohttp import web
web.Application = functools.partial(web.Application, client_max_size=64 * 1024 * 1024)
from microburst import cli, forward
outbound = forward.Upstream._outbound_headers
def as_signed(self, request):
    sent = {**outbound(self, request), "host": request.headers["Host"]}
    return {name: value for name, value in sent.items() if name.lower() != "content-length"}
forward.HOP_BY_HOP -= {"content-length"}
forward.Upstream._outbound_headers = as_signed
sys.exit(cli.main())
"""
LOOPBACK = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Proxy:
    """microburst (https://github.com/pingedbrain/microburst) writes errors as the services do."""

    url: str

    def inject(self, *rules: dict[str, Any]) -> None:
        """Let these rules take the place of all before, and forget what fired."""
        self._call("DELETE", "fired")
        self._call("POST", "rules", list(rules))

    def fired(self) -> list[str]:
        """The operations that were answered with a fault, in order."""
        return [each["operation"] for each in self._call("GET", "fired")]

    def faults(self) -> int:
        """How many calls were answered with a fault so far, also those that ``fired`` forgot."""
        return int(self._call("GET", "stats")["requests"]["faulted"])

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_microburst/{path}",
            data,
            {"Content-Type": "application/json"},
            method=method,
        )
        with LOOPBACK.open(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def proxied(upstream: str, seed: int = SEED) -> Iterator[Proxy]:
    """Run a proxy in front of ``upstream``; the dice of its faults fall by ``seed``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours = [sys.executable, "-c", MICROBURST, str(seed)]
    command = [*ours, "--upstream", upstream, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        proxy = Proxy(f"http://127.0.0.1:{port}")
        _until_it_answers(proxy)
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=30)


def once(operation: str, code: str, message: str = "", status: int = 400) -> dict[str, Any]:
    """The rule that the first call of ``operation`` is refused."""
    return {
        "service": "*",
        "operation": operation,
        "times": 1,
        "error": {"code": code, "message": message, "status": status},
    }


def _until_it_answers(proxy: Proxy, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            proxy.fired()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
