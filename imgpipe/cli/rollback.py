"""``imgpipe rollback``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import confirmed


def command(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would come back, and change nothing.")
    ] = False,
) -> None:
    """With its code, recipe and settings, in seconds. The next setup brings the newest again."""
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pipeline import rollback
    from imgpipe.render import rollback as render

    past = rollback.past(pipeline)
    for line in render.found(past, screen.side_paper):
        screen.say(line)
    question = f"Serve version {past.version} again, in the place of version {past.serving}?"
    if dry_run or not (yes or confirmed(question, "rollback --yes")):
        screen.show(render.UNTOUCHED, past)
        screen.say("Nothing was changed.")
        return
    screen.show(render.VIEW, rollback.roll_back(pipeline, past))
    screen.say("\nMend what was wrong with the newest; until the next setup this one serves.")
    screen.next("status")
