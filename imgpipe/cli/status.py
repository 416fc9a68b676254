"""``imgpipe status``."""

from __future__ import annotations

import typer

from imgpipe.cli import _context


def command(ctx: typer.Context) -> None:
    """Show every resource's state, the address, and what waits."""
    here = _context.connected(ctx)
    from imgpipe.pipeline import status
    from imgpipe.render import status as render

    render.status(status.health(here.settings, here.names, here.aws), here.settings)
