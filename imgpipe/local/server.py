"""The embedded AWS's own process: ministack behind what plays AWS's TLS terminator.

``launch`` runs this file as a script, with an environment of its own making and two arguments: the
listening socket's descriptor and the log's path. It imports nothing of imgpipe.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shlex
import signal
import sys
import threading
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import hypercorn.asyncio
import ministack.app
from hypercorn.config import Config
from ministack.core import iam_evaluator, lambda_runtime, persistence
from ministack.services import cloudwatch_logs, dynamodb, lambda_svc

if TYPE_CHECKING:
    from collections.abc import Callable

IDENTITY_PATH: Final = "/_imgpipe"
ADMINISTRATION: Final = "/_ministack/"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
READS: Final = ("BatchGet", "Describe", "Get", "List", "Query", "Scan")
LOG_BYTES: Final = 2_000_000
REST: Final = 10
DRAIN_SECONDS: Final = 15.0

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


class Environments:
    """What functions run in: at most ``limit`` at once, the others wait their turn.

    AWS queues asynchronous events. ministack starts a Python process for each at once, a hundred
    for a hundred pictures, or loses what its own limit refuses.
    """

    def __init__(self, execute: Callable[..., Any], limit: int) -> None:
        self._execute = execute
        self._free = threading.BoundedSemaphore(limit)
        self._pending = 0
        self._changed = threading.Condition()

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Execute one function as ministack would."""
        self._count(1)
        try:
            with self._free:
                return self._execute(*args, **kwargs)
        finally:
            self._count(-1)

    def wait_idle(self, seconds: float) -> None:
        """Return when no function runs or waits, at the latest after ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: not self._pending, seconds)

    def _count(self, more: int) -> None:
        with self._changed:
            self._pending += more
            self._changed.notify_all()


class Logs:
    """Write a function's log as ministack does, but only into a group that is there.

    ministack would create the group anew. On AWS the function's role must allow that, and imgpipe's
    does not: else the pictures still on their way when a pipeline is taken away would leave a group
    behind that is nobody's, and stop the next setup.
    """

    def __init__(self, emit: Callable[..., None]) -> None:
        self._emit = emit

    def __call__(self, function: dict[str, Any], *args: object, **kwargs: object) -> None:
        """Write one invocation's lines."""
        named = function.get("config", function).get("LoggingConfig", {}).get("LogGroup")
        if not named or named in cloudwatch_logs._log_groups:
            self._emit(function, *args, **kwargs)


def beyond_the_partition(evaluate: Callable[..., bool]) -> Callable[..., bool]:
    """Return ``evaluate`` less what ministack knows: rows that it found by their partition.

    It holds the condition that named the partition against each of them, which takes seconds.
    """

    def holds(expression: str, *args: object, slot: str = "ConditionExpression") -> bool:
        known = slot == "KeyConditionExpression" and " AND " not in expression.upper()
        return known or evaluate(expression, *args, slot=slot)

    return holds


def as_the_alias_says(invoke: Callable[..., None]) -> Callable[..., None]:
    """Return ``invoke`` for events that fail: ministack asks the version how, not its alias."""

    def invoke_so(function: dict[str, Any], event: object) -> None:
        config = function.get("config", function)
        place = lambda_svc._account_region_from_function_config(config)
        whole = lambda_svc._functions.get_scoped(*place, config["FunctionName"]) or {}
        aliases, settings = whole.get("aliases", {}), whole.get("event_invoke_configs", {})
        said = [
            settings[name]
            for name in aliases.keys() & settings.keys()
            if aliases[name]["FunctionVersion"] == config["Version"]
        ]
        invoke({**function, **({"event_invoke_config": said[0]} if said else {})}, event)

    return invoke_so


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


def any_term(compiled: Callable[[str], Callable[[str], bool]]) -> Callable[[str], Any]:
    """Return ``compiled``, which wants all terms of a filter, for filters such as ``?a ?"b c"``."""

    def matcher(pattern: str) -> Callable[[str], bool]:
        terms = [term[1:] for term in shlex.split(pattern)] if pattern[:1] == "?" else []
        return (lambda line: any(term in line for term in terms)) if terms else compiled(pattern)

    return matcher


def _over_tls(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Say "https" where the caller says nothing: TLS-only policies would lock everybody out."""
    said = any(name == b"x-forwarded-proto" for name, _ in headers)
    return headers if said else [*headers, (b"x-forwarded-proto", b"https")]


def _reads(scope: Scope) -> bool:
    """Say whether a request changes nothing: by its method, or the operation that it names."""
    target = dict(scope["headers"]).get(b"x-amz-target", b"").decode("latin-1")
    return scope["method"] in READING or target.rpartition(".")[2].startswith(READS)


def is_root(access_key: str) -> bool:
    """Say whether a key is the root's.

    Ours, or none on an anonymous request, which ministack refuses wherever AWS would.

    ministack itself takes "test", any 12 digits and credentials it cannot read for the root's, and
    checks no root's signature.
    """
    return (
        access_key == os.environ["AWS_ACCESS_KEY_ID"]
        if access_key
        else iam_evaluator._anonymous.get()
    )


async def _refuse(scope: Scope, send: Send, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})  # not yet accepted, it is answered with a 403
    else:
        await _answer(send, 403, {"message": why})


async def _answer(send: Send, status: int, body: dict[str, object]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


async def checkpoints(changed: asyncio.Event, saving: asyncio.Lock) -> None:
    """Save soon after each change (ministack: only at its end); rest ten times as long."""
    while True:
        await changed.wait()
        changed.clear()
        began = time.monotonic()
        async with saving:
            state = ministack.app._build_persistence_save_dict()
            await asyncio.to_thread(persistence.save_all, state)
        await asyncio.sleep(max(0.5, REST * (time.monotonic() - began)))


async def drained(asked: asyncio.Event, environments: Environments, saving: asyncio.Lock) -> None:
    """Return when a stop was asked for, and functions have ended or had their time."""
    await asked.wait()
    await asyncio.to_thread(environments.wait_idle, DRAIN_SECONDS)
    await saving.acquire()  # for good: ministack saves next, into the same files


async def serve(descriptor: int, environments: Environments) -> None:
    """Serve on the listening socket ``descriptor`` until SIGTERM; let functions end, and save."""
    gateway, asked, saving = Gateway(), asyncio.Event(), asyncio.Lock()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.errorlog = logging.getLogger("hypercorn.error")
    saver = asyncio.create_task(checkpoints(gateway.changed, saving))
    await hypercorn.asyncio.serve(
        gateway, config, shutdown_trigger=lambda: drained(asked, environments, saving), mode="asgi"
    )
    saver.cancel()


def main(descriptor: int, log: str) -> None:
    """Log to a file of bounded size, and serve."""
    handler = RotatingFileHandler(log, maxBytes=LOG_BYTES, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("persistence").setLevel(logging.WARNING)
    iam_evaluator.is_root_access_key = is_root
    environments = Environments(lambda_svc._execute_function, limit=max(2, os.cpu_count() or 2))
    lambda_svc._execute_function = environments
    lambda_svc._emit_lambda_logs = Logs(lambda_svc._emit_lambda_logs)
    dynamodb._evaluate_condition = beyond_the_partition(dynamodb._evaluate_condition)
    lambda_svc.invoke_async_with_retry = as_the_alias_says(lambda_svc.invoke_async_with_retry)
    filters = cloudwatch_logs._compile_filter_pattern
    cloudwatch_logs._compile_filter_pattern = any_term(filters)
    asyncio.run(serve(descriptor, environments))
    lambda_runtime.reset()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
