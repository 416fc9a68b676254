"""``imgpipe resume``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context


def command(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be caught up, and change nothing.")
    ] = False,
) -> None:
    """Pictures are processed again as they come; what was missed is caught up, with progress.

    Interrupted, the pipeline says that it is paused, and the same command goes on.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.aws.errors import translated
    from imgpipe.cli.reconcile import mender_of
    from imgpipe.pictures import mending
    from imgpipe.pipeline import pausing
    from imgpipe.render import resume as render

    with translated():
        moment = pausing.since(pipeline)
        if moment and not dry_run:
            pausing.wire(pipeline)
    with screen.progress() as progress:
        progress.add_task(render.COMPARING)
        found = pausing.missed(pipeline) if moment else []
    for line in render.summary(moment, found):
        screen.say(line)
    if dry_run or not moment:
        screen.show(render.FOUND, found)
        return
    mended = mending.mend(pipeline.aws, mender_of(pipeline), found)
    done = sorted(render.mending(mended, len(found), screen), key=lambda each: each.finding)
    with translated():
        pausing.end(pipeline)
    screen.show(render.VIEW, done)
    mending.raise_for_failures(done)
