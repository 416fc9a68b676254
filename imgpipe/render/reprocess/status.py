"""What reprocess status shows: how jobs are, and what failed of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

from rich.text import Text

from imgpipe.pictures.batch import command_of
from imgpipe.render._facts import facts
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from imgpipe.aws.jobs import Job
    from imgpipe.pictures.job_report import FailedTask

NONE: Final = "There is no job of this pipeline."
_COLUMNS: Final = (
    Column("JOB"),
    Column("STATUS"),
    Column("DONE", right=True),
    Column("PICTURES", right=True, gives_way=2),
    Column("FAILED", right=True),
    Column("CREATED, UTC", gives_way=1),
    Column("COMMAND"),
)
_STYLES: Final = {"Complete": "green", "Failed": "red", "Cancelled": "red"}


@dataclass(frozen=True)
class Seen:
    """A job, and, where that one was asked for, what ``failed`` of it."""

    job: Job
    failed: Sequence[FailedTask] = ()


@dataclass(frozen=True)
class FailedTaskRecord:
    """A picture that a job could not make."""

    key: Annotated[str, "its key in the source bucket"]
    reason: Annotated[str, "why, as the job's report has it"]


@dataclass(frozen=True)
class JobRecord:
    """A job of S3 Batch Operations."""

    id: Annotated[str, "what S3 calls it"]
    status: Annotated[str, "S3's own word, such as `Active`, `Complete`, `Failed`, `Cancelled`"]
    ended: Annotated[bool, "whether nothing more will happen"]
    command: Annotated[str, "what asked for it"]
    created: Annotated[datetime, "when"]
    total: Annotated[int, "its pictures; 0 until S3 has its list"]
    succeeded: Annotated[int, "those that were made, or refused for a reason that their rows have"]
    failed: Annotated[int, "those that failed for good"]
    seconds: Annotated[int, "how long it has been active"]
    reasons: Annotated[list[str], "why it failed as a whole; of one that is named alone"]
    failures: Annotated[
        list[FailedTaskRecord], "what failed, a hundred at most; of one that is named, at its end"
    ]


def _record(seen: Seen) -> JobRecord:
    job = seen.job
    return JobRecord(
        id=job.id,
        status=job.status,
        ended=job.has_ended,
        command=command_of(job),
        created=job.created,
        total=job.total,
        succeeded=job.succeeded,
        failed=job.failed,
        seconds=job.seconds,
        reasons=list(job.reasons),
        failures=[FailedTaskRecord(each.key, each.reason) for each in seen.failed],
    )


def _records(seen: Sequence[Seen]) -> list[JobRecord]:
    return [_record(each) for each in seen]


def _text(seen: Sequence[Seen], paper: Paper) -> Iterator[Text]:
    if len(seen) == 1:
        yield from _whole(seen[0], paper)
    elif seen:
        yield from table(_COLUMNS, [_cells(each.job) for each in seen], paper.width)


def _whole(seen: Seen, paper: Paper) -> Iterator[Text]:
    job = seen.job
    told = {
        "job": job.id,
        "status": job.status,
        "created": f"{job.created:%Y-%m-%d %H:%M:%S} UTC",
        "done": f"{job.succeeded + job.failed:,} of {job.total:,} ({_share(job)})",
        "failed": f"{job.failed:,}",
        "active": f"{job.seconds:,} s",
    }
    yield from wrapped(Text(printable(command_of(job)), "bold"), paper.width, "    ")
    yield from facts(told, paper)
    for each in seen.failed:
        line = Text(f"  {printable(each.key)}: {printable(each.reason)}", "red")
        yield from wrapped(line, paper.width, "    ")


def _share(job: Job) -> str:
    """Return how much of it is done, such as ``12 %``."""
    return f"{100 * (job.succeeded + job.failed) // job.total if job.total else 0} %"


def _cells(job: Job) -> list[Text]:
    return [
        Text(job.id),
        Text(job.status, _STYLES.get(job.status, "yellow")),
        Text(_share(job)),
        Text(f"{job.total:,}"),
        Text(f"{job.failed:,}", "red" if job.failed else ""),
        Text(f"{job.created:%Y-%m-%d %H:%M}"),
        Text(printable(command_of(job))),
    ]


VIEW: Final = View(_records, _text)
