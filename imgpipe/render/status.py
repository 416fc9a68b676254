"""What status shows: every resource's state, and the facts about the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from rich.text import Text

from imgpipe.aws.objects import COUNTED
from imgpipe.engine.graph import Action
from imgpipe.function.start import Start
from imgpipe.pictures.failures import Failure
from imgpipe.pipeline.status import Health
from imgpipe.render import _changes, failures, pause
from imgpipe.render._changes import ChangeRecord
from imgpipe.render._events import STATUS_WORDS, ResourceRecord, lines, records
from imgpipe.render._facts import facts
from imgpipe.render._failure import failure
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render.failures import FailureRecord
from imgpipe.render.untrusted import printable
from imgpipe.settings.difference import Change

_INDENT: Final = "    "


@dataclass(frozen=True)
class StatusRecord:
    """The state of the whole and of every resource."""

    in_sync: Annotated[bool, "whether a setup would change nothing"]
    url: Annotated[str, "the distribution's address; empty while there is none"]
    uploaded: Annotated[int, f"objects in the source bucket, {COUNTED:,} at most"]
    processed: Annotated[int, f"results in the destination bucket, {COUNTED:,} at most"]
    failures_waiting: Annotated[int, "events in the failure queue, about"]
    differences: Annotated[
        int | None, "where originals, results, rows and page differ; null: not compared"
    ]
    paused_since: Annotated[str, "since when it is paused, UTC; empty where it is not"]
    version: Annotated[str, "the function's version that answered; empty if none did"]
    starts: Annotated[bool | None, "whether the function starts; null: none, or not found out"]
    start_error: Annotated[str | None, "what came instead of an answer"]
    rolled_back: Annotated[bool, "whether a rollback brought back what is served"]
    warnings: Annotated[list[str], "what works, and will not for ever"]
    failures: Annotated[list[FailureRecord], "some of them"]
    resources: Annotated[list[ResourceRecord], "each resource, in the order of the declaration"]
    changes: Annotated[list[ChangeRecord], "what a setup would change of the settings"]


def notes(
    health: Health, missing: Sequence[Path], spelled: Callable[[str], str], paper: Paper
) -> Iterator[Text | str]:
    """Yield why the function does not start, what is rolled back, and what else is to be known.

    Code differs, where it does, for want of the watermark's own files that are ``missing``.
    """
    if health.start and health.start.error:
        yield from failure(health.start.error, spelled, paper.width)
    if health.paused_since:
        yield pause.sentence(health.paused_since)
    if health.rolled_back_to:
        yield f"Rolled back to version {health.rolled_back_to}; setup brings the newest again."
    yield from (f"Note: {warning}" for warning in health.warnings)
    for path in missing:
        yield f"Note: the watermark's file {path} is not there, so the code differs"


def notes_on_jobs(health: Health) -> Iterator[str]:
    """Yield what mends what jobs of S3 Batch Operations stand on, where it differs."""
    if any(event.action is not Action.NONE for event in health.jobs):
        yield "The next reprocess --batch brings its role and its bucket up to date."


def _record(health: Health) -> StatusRecord:
    start = health.start or Start(starts=None)
    return StatusRecord(
        in_sync=health.in_sync,
        url=health.url,
        uploaded=health.uploaded,
        processed=health.processed,
        failures_waiting=health.failures_waiting,
        differences=health.differences,
        paused_since=health.paused_since,
        version=start.version,
        starts=start.starts,
        start_error=start.error.message if start.error else None,
        rolled_back=bool(health.rolled_back_to),
        warnings=list(health.warnings),
        failures=[failures.record(each) for each in health.failures],
        resources=records([*health.events, *health.jobs], STATUS_WORDS),
        changes=_changes.records(health.changes),
    )


def _text(health: Health, paper: Paper) -> Iterator[Text]:
    for event in (*health.events, *health.jobs):
        yield from lines(event, STATUS_WORDS, paper)
    if health.changes:
        yield from (Text(), Text(_heading(health.changes)))
        yield from _changes.lines(health.changes, paper)
    yield Text()
    yield from facts(
        {
            "url": health.url or "-",
            "uploaded": _counted(health.uploaded),
            "processed": _counted(health.processed),
            "failures_waiting": f"{health.failures_waiting:,}",
            "differences": "-" if health.differences is None else f"{health.differences:,}",
            "function": _started(health.start),
        },
        paper,
    )
    for each in health.failures:
        yield from wrapped(Text(f"  {_failed(each)}", "red"), paper.width, _INDENT)


def _failed(failure: Failure) -> str:
    return f"{printable(failure.key) or '-'}: {printable(failure.reason)}"


def _started(start: Start | None) -> str:
    if start is None:
        return "-"
    if start.starts is None:
        return "not known whether it starts"
    return f"version {start.version} starts" if start.starts else "does not start"


def _heading(changes: Sequence[Change]) -> str:
    if any(change.default for change in changes):
        return "Made with other settings, live -> here:"
    return "Changes of settings, live -> here:"


def _counted(count: int) -> str:
    return f"{count:,}{' or more' if count >= COUNTED else ''}"


VIEW: Final = View(_record, _text)
