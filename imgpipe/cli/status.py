"""``imgpipe status``."""

from __future__ import annotations

import typer

from imgpipe.cli import _context


def command(ctx: typer.Context) -> None:
    """In sync: a setup would change nothing."""
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pipeline import status
    from imgpipe.render import status as render
    from imgpipe.settings import assets

    health = status.health(pipeline)
    screen.show(render.VIEW, health)
    for note in render.notes(assets.missing(pipeline.settings.assets)):
        screen.say(note)
    if not health.in_sync:
        screen.next("setup --dry-run", "setup")
