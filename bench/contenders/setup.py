"""imgpipe's setup of one stage on an embedded AWS behind a proxy, in a process of its own.

Arguments: the proxy's URL, the stage, ``parallel`` or ``serial``; the secret key comes in the
environment. Serial is the same engine with one thread, making the same calls, none before the last
one's answer: what a plain script would do. Prints one line of JSON: how many calls, and how many of
them changed something.
"""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from imgpipe.aws import account
from imgpipe.engine import graph, reconcile
from imgpipe.engine.graph import State
from imgpipe.pipeline import Pipeline, deployment
from imgpipe.settings import Settings

if TYPE_CHECKING:
    import boto3

_READING: Final = ("Get", "Head", "List", "Describe", "Filter")


def _counted(session: boto3.Session) -> list[str]:
    """Have every request noted by its operation's name."""
    calls: list[str] = []
    session.events.register(
        "request-created", lambda operation_name, **_: calls.append(operation_name)
    )
    return calls


class _OneThread(ThreadPoolExecutor):
    """What the engine is given in place of its pools, to do one resource after another."""

    def __init__(self, max_workers: int, **named: Any) -> None:
        super().__init__(max_workers=min(1, max_workers), **named)


def _serialise(session: boto3.Session) -> None:
    """Walk with one thread, and let no request go out before the last one's answer is in.

    Both events come once for each attempt.
    """
    for module in (reconcile, graph):
        vars(module)["ThreadPoolExecutor"] = _OneThread
    turn = threading.Lock()
    session.events.register("before-send", lambda **_: turn.acquire() and None)
    session.events.register("response-received", lambda **_: turn.release())


def main(url: str, stage: str, way: str) -> None:
    """Set the stage up, and fail if any of its resources did."""
    aws = account.connect(endpoint_url=url)
    calls = _counted(aws.session)
    if way == "serial":
        _serialise(aws.session)
    settings = Settings(local=True, stage=stage)
    events = list(deployment.setup(Pipeline.of(settings, aws)))
    if failed := [event for event in events if event.state in {State.FAILED, State.BLOCKED}]:
        sys.exit("\n".join(f"{event.resource.name}: {event.error}" for event in failed))
    changing = [call for call in calls if not call.startswith(_READING)]
    sys.stdout.write(json.dumps({"calls": len(calls), "changing": len(changing)}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
