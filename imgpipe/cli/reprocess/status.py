"""``imgpipe reprocess status``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import PartialError, ServiceError, UsageError

if TYPE_CHECKING:
    from imgpipe.aws.jobs import Job
    from imgpipe.pipeline import Pipeline

MOST_JOBS = 10
MOST_FAILURES = 100


def command(
    ctx: typer.Context,
    job: Annotated[
        str, typer.Argument(metavar="[JOB]", help="The job's id.", show_default=False)
    ] = "",
) -> None:
    """Without JOB the newest ten; S3 forgets a job 90 days after its end.

    Ends with 1 where the job failed or was cancelled, and with 4 where some of its pictures failed.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.aws import jobs
    from imgpipe.pictures import batch, job_report
    from imgpipe.render.reprocess import status as render

    jobs.require(pipeline.aws, "reprocess --stale")
    if not job:
        found = batch.of_stage(pipeline.aws, pipeline.settings.stage)[:MOST_JOBS]
        screen.show(render.VIEW, [render.Seen(each) for each in found])
        if not found:
            screen.say(render.NONE)
            screen.next("reprocess --stale --batch")
        elif not found[0].has_ended:
            screen.next(f"reprocess status {found[0].id}")
        return
    told = _of_ours(pipeline, job)
    failed = job_report.failures(pipeline.aws, told, MOST_FAILURES) if told.failed else []
    screen.show(render.VIEW, [render.Seen(told, failed)])
    if not told.has_ended:
        screen.next(f"reprocess status {told.id}")
    _raise_for_failures(told)


def _of_ours(pipeline: Pipeline, id: str) -> Job:  # noqa: A002 - S3 Control's word
    """Return the job of this id; ``UsageError`` if this pipeline has none such."""
    from imgpipe.aws import jobs
    from imgpipe.pictures import batch

    found = jobs.find(pipeline.aws, id) if jobs.could_be(id) else None
    if found is None or not batch.is_of(found, pipeline.settings.stage):
        raise UsageError(
            f"this pipeline has no job {id!r}, or it ended more than 90 days ago",
            next=("reprocess status",),
        )
    return found


def _raise_for_failures(job: Job) -> None:
    """Raise unless all is well, or still under way, with the command that makes what is left."""
    from imgpipe.pictures import batch

    left = batch.left_of(job)
    if job.status in {"Failed", "Cancelled"}:
        raise ServiceError(
            f"job {job.id} {'was cancelled' if job.status == 'Cancelled' else 'failed'} after "
            f"{job.succeeded + job.failed:,} pictures",
            hint="; ".join(job.reasons) or "the rest is made by",
            next=(left,),
        )
    if job.has_ended and job.failed:
        raise PartialError(
            f"{job.failed:,} of {job.total:,} pictures were not made again",
            hint="mend what is said above; the others are done",
            next=(left, "logs --since 1h"),
        )
