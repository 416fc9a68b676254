"""``imgpipe failures``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context

SHOWN = 1_000


def command(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="Read only so many messages.")] = SHOWN,
) -> None:
    """By reason, with what mends it. Nothing is taken out of the queue, which keeps 14 days."""
    from datetime import UTC, datetime

    from imgpipe.pictures import failures
    from imgpipe.render import failures as render

    pipeline, screen = _context.connected(ctx)
    found = failures.read(pipeline.aws, pipeline.names.queue, limit)
    screen.show(render.VIEW, found)
    screen.say(render.summary(found, datetime.now(UTC)))
    if found.found:
        screen.next("retry --all")
