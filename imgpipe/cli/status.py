"""``imgpipe status``."""

from __future__ import annotations

import typer

from imgpipe.cli import _context


def command(ctx: typer.Context) -> None:
    """In sync: a setup would change nothing."""
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pipeline import status
    from imgpipe.render import status as render

    health = status.health(pipeline)
    screen.show(render.VIEW, health)
    if not health.in_sync:
        screen.next("setup --dry-run", "setup")
