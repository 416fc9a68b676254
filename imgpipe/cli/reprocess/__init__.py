"""``imgpipe reprocess``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from handler.schema import Status
from imgpipe.cli import _context, _since
from imgpipe.cli._confirm import confirmed, spelled
from imgpipe.errors import InterruptedRunError, NotSetUpError, UsageError

if TYPE_CHECKING:
    from imgpipe.pictures.again import Place, Redone
    from imgpipe.pictures.selection import Selection, Wanted
    from imgpipe.pipeline import Pipeline
    from imgpipe.pipeline.served import Served
    from imgpipe.render._screen import Screen

# Lambda tries what failed after one minute and after two, and puts off what finds no room for up to
# five: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
PATIENCE_SECONDS = 330


def command(
    ctx: typer.Context,
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY]...", help="Keys of originals.", show_default=False),
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Only originals whose keys begin so.", show_default=False)
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every original.")] = False,
    stale: Annotated[
        bool, typer.Option("--stale", help="Those that another recipe, or other code, made.")
    ] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="Those that nothing was made of yet.")
    ] = False,
    status: Annotated[
        Status | None, typer.Option(help="Those that were so.", show_default=False)
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(
            help="Only those that were not made since: 10m, 2h, 3d ago, or a date or time. Goes on "
            "with what was interrupted.",
            show_default=False,
        ),
    ] = None,
    batch: Annotated[
        bool,
        typer.Option("--batch", help="By a job of S3 Batch Operations; advised above 100,000."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show which it would be, and make nothing.")
    ] = False,
) -> None:
    """Says first what it will cost and take. Results that the recipe makes no more go.

    How a --batch is: imgpipe reprocess status. A key of just that name stands behind --.
    """
    _require_one_way(keys, prefix, [everything, stale, missing, status is not None])
    moment = _since.since(before, option="--before") if before else None
    pipeline, screen = _context.connected(ctx)
    from imgpipe.aws import jobs
    from imgpipe.cli.reprocess import _batch
    from imgpipe.pictures import again, selection
    from imgpipe.pictures.batch import also
    from imgpipe.pipeline import again as costs
    from imgpipe.pipeline.jobs import ADVISED
    from imgpipe.pipeline.served import served
    from imgpipe.render import _portions
    from imgpipe.render import reprocess as render

    same = spelled(
        "reprocess",
        prefix=prefix or None,
        all=everything or None,
        stale=stale or None,
        missing=missing or None,
        status=status,
    )
    if batch and not dry_run:
        jobs.require(pipeline.aws, _just_this(same, keys or (), before))
    by = served(pipeline)
    others = _known(by) if stale else ""
    wanted = selection.Wanted(keys or (), prefix, others, status, missing=missing, before=moment)
    if batch:
        asked = _batch.Asked(pipeline, screen, by, wanted, _just_this(same, keys or (), before))
        ordered = asked.order(
            lambda question, line: not dry_run and (yes or confirmed(question, line))
        )
        screen.show(render.JOB, ordered)
        screen.next(
            f"reprocess status {ordered.id}" if ordered.id else also(asked.command, "--batch")
        )
        return
    found = _found(pipeline, screen, wanted)
    goes_on = _going_on(same, keys or (), moment, by_rows=stale or missing)
    gone = map(again.gone, found.gone)
    if found.keys:
        screen.say(render.announced(costs.expense(pipeline, by, len(found.keys))))
    else:
        screen.say(render.NOTHING)
    if len(found.keys) > ADVISED:
        screen.say(render.ADVICE)
        screen.next(also(_just_this(same, keys or (), before), "--batch"))
    question = f"Make {len(found.keys):,} pictures again?"
    if dry_run or (found.keys and not (yes or confirmed(question, also(goes_on, "--yes")))):
        screen.show(render.VIEW, [*gone, *map(again.selected, found.keys)])
        screen.next(goes_on)
        return
    made = _made(pipeline, screen, _place(pipeline, by), found.keys, goes_on)
    done = _portions.portions(
        chain(gone, made), lambda each: (each.fate is not again.Fate.GONE, each.key)
    )
    with closing(screen.portions(render.VIEW, done)) as shown:
        each = chain.from_iterable(shown)
        again.raise_for_failures(each, len(found.keys) + len(found.gone), goes_on)


def _require_one_way(keys: Sequence[str] | None, prefix: str, ways: Sequence[bool]) -> None:
    """Raise ``UsageError`` unless keys, or one way of choosing among all, or a prefix are given."""
    chosen = sum(ways)
    if (keys and (prefix or chosen)) or chosen > 1 or not (keys or prefix or chosen):
        raise UsageError(
            "reprocess takes keys, or one of --all, --stale, --missing and --status, or a --prefix",
            hint="a --prefix may stand beside each of those four",
            next=("reprocess --stale --dry-run",),
        )


def _known(by: Served) -> str:
    """Return what the served version notes of recipe and code."""
    if not by.fingerprint:
        raise NotSetUpError(
            "an older release was set up, which does not note how pictures were made",
            hint="every picture it made counts as stale after that",
            next=("setup",),
        )
    return by.fingerprint


def _found(pipeline: Pipeline, screen: Screen, wanted: Wanted) -> Selection:
    from imgpipe.pictures import selection
    from imgpipe.render import reprocess as render

    names = pipeline.names
    with screen.progress() as progress:
        progress.add_task(render.LOOKING)
        return selection.select(pipeline.aws, names.source_bucket, names.table, wanted)


def _just_this(same: str, keys: Sequence[str], before: str | None) -> str:
    """Return the command that chooses the same once more."""
    if keys:
        return _of_keys(keys)
    return f"{same} {shlex.join(['--before', before])}" if before else same


def _of_keys(keys: Sequence[str]) -> str:
    """Return the command for these keys, none of which it takes for something else."""
    odd = keys[0] == "status" or any(key.startswith("-") for key in keys)
    return shlex.join(["reprocess", *(["--"] if odd else []), *keys])


def _going_on(same: str, keys: Sequence[str], moment: datetime | None, *, by_rows: bool) -> str:
    """Return the command that does what is left: by the rows alone, or by when they were written.

    There is no state file (docs/decisions/0002-no-state-file.md).
    """
    if keys:
        return _of_keys(keys)
    if by_rows:
        return same
    began = moment or datetime.now(UTC)
    return f"{same} --before {began.isoformat(timespec='seconds')}"


def _made(
    pipeline: Pipeline, screen: Screen, place: Place, keys: Sequence[str], goes_on: str
) -> Iterator[Redone]:
    """Make them again, with the progress on ``screen``; yield what became of each."""
    from imgpipe.pictures import again, room
    from imgpipe.render import reprocess as render

    if not keys:
        return
    if "--before" in goes_on:
        screen.say(f"If this is interrupted, go on with: {screen.spelled(goes_on)}")
    most = room.at_once(pipeline.aws)
    told = again.run(pipeline.aws, place, keys, most, PATIENCE_SECONDS)
    try:
        yield from render.running(told, len(keys), screen)
    except KeyboardInterrupt:
        hint = "what was started goes on by itself; for the rest"
        raise InterruptedRunError("interrupted", hint=hint, next=(goes_on,)) from None


def _place(pipeline: Pipeline, by: Served) -> Place:
    from imgpipe.pictures.again import Place

    names = pipeline.names
    return Place(
        names.function, names.alias, names.source_bucket, names.table, names.queue, by.renditions
    )
