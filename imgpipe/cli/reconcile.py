"""``imgpipe reconcile``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import confirmed

if TYPE_CHECKING:
    from imgpipe.pictures.mending import Mender
    from imgpipe.pipeline import Pipeline


def command(
    ctx: typer.Context,
    prefix: Annotated[
        str, typer.Option(help="Only originals whose keys begin so.", show_default=False)
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what differs, and change nothing.")
    ] = False,
) -> None:
    """Finds what was uploaded while nothing listened, and what outlived its original."""
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pictures import differences, mending
    from imgpipe.render import reconcile as render

    mender = mender_of(pipeline)
    with screen.progress() as progress:
        progress.add_task(render.COMPARING)
        found = differences.find(pipeline.aws, mender.places, prefix)
    for line in render.summary(found) if found else [render.AGREED]:
        screen.say(line)
    question = f"Mend {len(found):,} differences?"
    if dry_run or not found or not (yes or confirmed(question, "reconcile --yes")):
        screen.show(render.FOUND, found)
        if found:
            screen.next("reconcile")
        return
    done = list(render.mending(mending.mend(pipeline.aws, mender, found), len(found), screen))
    done.sort(key=lambda each: each.finding)
    screen.show(render.VIEW, done)
    mending.raise_for_failures(done)


def mender_of(pipeline: Pipeline) -> Mender:
    """Return who mends the differences of ``pipeline``."""
    from imgpipe.pictures.mending import Mender
    from imgpipe.pipeline.places import places

    return Mender(pipeline.names.function, pipeline.names.alias, places(pipeline))
