"""What status shows: every resource's state, and the facts about the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from rich.text import Text

from imgpipe.aws.objects import COUNTED
from imgpipe.pipeline.status import Health
from imgpipe.render._events import STATUS_WORDS, ResourceRecord, lines, records
from imgpipe.render._facts import facts
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View


@dataclass(frozen=True)
class StatusRecord:
    """The state of the whole and of every resource."""

    in_sync: Annotated[bool, "whether a setup would change nothing"]
    url: Annotated[str, "the distribution's address; empty while there is none"]
    uploaded: Annotated[int, f"objects in the source bucket, {COUNTED:,} at most"]
    processed: Annotated[int, f"results in the destination bucket, {COUNTED:,} at most"]
    failures_waiting: Annotated[int, "events in the failure queue, about"]
    resources: Annotated[list[ResourceRecord], "each resource, in the order of the declaration"]


def notes(missing: Sequence[Path]) -> Iterator[str]:
    """Yield why the code differs, where it is for want of the watermark's own files."""
    for path in missing:
        yield f"Note: the watermark's file {path} is not there, so the code differs"


def _record(health: Health) -> StatusRecord:
    return StatusRecord(
        in_sync=health.in_sync,
        url=health.url,
        uploaded=health.uploaded,
        processed=health.processed,
        failures_waiting=health.failures_waiting,
        resources=records(health.events, STATUS_WORDS),
    )


def _text(health: Health, paper: Paper) -> Iterator[Text]:
    for event in health.events:
        yield from lines(event, STATUS_WORDS, paper)
    yield Text()
    yield from facts(
        {
            "url": health.url or "-",
            "uploaded": _counted(health.uploaded),
            "processed": _counted(health.processed),
            "failures_waiting": f"{health.failures_waiting:,}",
        },
        paper,
    )


def _counted(count: int) -> str:
    return f"{count:,}{' or more' if count >= COUNTED else ''}"


VIEW: Final = View(_record, _text)
