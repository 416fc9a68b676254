"""What failures shows: what failed for good, by its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from rich.text import Text

from imgpipe.function.answer import hint_for
from imgpipe.pictures.failures import Failure, Failures
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import printable

_COLUMNS: Final = (
    Column("TIME (UTC)", gives_way=2),
    Column("TRIES", right=True, gives_way=1),
    Column("REQUEST ID", gives_way=3),
    Column("PICTURE"),
)


@dataclass(frozen=True)
class FailuresRecord:
    """What the failure queue holds."""

    waiting: Annotated[int, "messages in the queue, about"]
    complete: Annotated[bool, "whether all that could be read is listed"]
    failures: Annotated[list[FailureRecord], "each picture, the oldest failure first"]


@dataclass(frozen=True)
class FailureRecord:
    """A picture that failed for good."""

    key: Annotated[str, "its key in the source bucket; empty if the message names none"]
    event: Annotated[str, "what became of it: ObjectCreated or ObjectRemoved"]
    reason: Annotated[str, "why it failed, as Lambda says it"]
    hint: Annotated[str, "what helps against that; empty where only the log can tell"]
    time: Annotated[datetime, "when it was given up"]
    expires: Annotated[datetime, "when the queue forgets it"]
    attempts: Annotated[int, "how often it was tried; 0 if that is not told"]
    request_id: Annotated[str, "Lambda's id of the invocation; empty if it is not told"]


def record(failure: Failure) -> FailureRecord:
    """Return a failure as it goes into JSON."""
    return FailureRecord(
        key=failure.key,
        event=str(failure.kind),
        reason=failure.reason,
        hint=hint_for(failure.reason),
        time=failure.time,
        expires=failure.expires,
        attempts=failure.attempts,
        request_id=failure.request_id,
    )


def summary(failures: Failures, now: datetime) -> str:
    """Return how many there are, whether all are shown, and what is soon forgotten."""
    if not failures.found:
        return "Nothing that failed waits." if not failures.waiting else _UNSEEN
    more = "" if failures.complete else f" of about {failures.waiting:,}; more: --limit"
    lines = [f"{len(failures.found):,} shown{more}."]
    if soon := failures.expiring(now):
        first = min(failure.expires for failure in soon)
        lines.append(f"{len(soon):,} of them will be forgotten soon, the first {first:%Y-%m-%d}.")
    return "\n" + " ".join(lines)


_UNSEEN: Final = (
    "What failed does not show just now: somebody else looks at it, or it has just been run again."
    " Try again in a minute."
)


def _record(failures: Failures) -> FailuresRecord:
    found = [record(failure) for failure in failures.found]
    return FailuresRecord(failures.waiting, failures.complete, found)


def _text(failures: Failures, paper: Paper) -> Iterator[Text]:
    for number, (reason, group) in enumerate(failures.by_reason()):
        if number:
            yield Text()
        yield from wrapped(Text(f"{printable(reason)} ({len(group):,})", "red"), paper.width, "  ")
        if hint := hint_for(reason):
            yield from wrapped(Text(hint, "dim"), paper.width, "  ")
        yield from table(_COLUMNS, [_cells(failure) for failure in group], paper.width)


def _cells(failure: Failure) -> list[Text]:
    removed = " (removed)" if failure.kind == "ObjectRemoved" else ""
    return [
        Text(f"{failure.time:%Y-%m-%d %H:%M:%S}"),
        Text(str(failure.attempts or "-")),
        Text(printable(failure.request_id) or "-"),
        Text(f"{printable(failure.key) or '-'}{removed}", no_wrap=True),
    ]


VIEW: Final = View(_record, _text)
