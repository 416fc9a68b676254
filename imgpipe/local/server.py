"""The embedded AWS's own process, which ``launch`` starts: ministack, behind the gateway."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Final

import hypercorn.asyncio
import ministack.app
from hypercorn.config import Config
from ministack.core import lambda_runtime, persistence

from imgpipe.local import corrections
from imgpipe.local.gateway import Gateway

if TYPE_CHECKING:
    from imgpipe.local.corrections import Environments

LOG_BYTES: Final = 2_000_000
REST: Final = 10
DRAIN_SECONDS: Final = 15.0


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


def main(descriptor: int, log: str, concurrency: int) -> None:
    """Serve on the listening socket ``descriptor``; ``log`` is a path, and of bounded size.

    At most ``concurrency`` invocations of functions run at once.
    """
    handler = RotatingFileHandler(log, maxBytes=LOG_BYTES, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("persistence").setLevel(logging.WARNING)
    asyncio.run(serve(descriptor, corrections.install(concurrency)))
    lambda_runtime.reset()
