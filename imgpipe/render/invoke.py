"""What invoke shows: the function's log on stderr, its result on stdout."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from rich.text import Text

from imgpipe.function.invoke import Invocation
from imgpipe.render import logs
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render.logs import LogRecord


@dataclass(frozen=True)
class InvokeRecord:
    """What the function returned and said."""

    result: Annotated[Any, "what it returned, or Lambda's description of its failure"]
    failed: Annotated[bool, "whether it raised, or was cut off"]
    log: Annotated[list[LogRecord], "the last 4 KB of its log"]
    seconds: Annotated[float, "how long it took, seen from here"]


def log(done: Invocation, paper: Paper) -> Iterator[Text | str]:
    """Yield what the function said, and how it ended."""
    for line in done.log:
        yield from logs.VIEW.text(line, paper)
    yield f"{'Failed' if done.failed else 'Returned'} after {done.seconds:.2f} s:"


def _record(done: Invocation) -> InvokeRecord:
    return InvokeRecord(
        done.result, done.failed, [logs.record(line) for line in done.log], round(done.seconds, 3)
    )


def _text(done: Invocation, _: Paper) -> Iterator[Text]:
    yield Text(json.dumps(done.result, indent=2, ensure_ascii=False))


VIEW: Final = View(_record, _text)
