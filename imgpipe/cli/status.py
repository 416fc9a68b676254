"""``imgpipe status``."""

from __future__ import annotations

import typer

from imgpipe.cli import context


def command(ctx: typer.Context) -> None:
    """Show every resource's state, the address, and what waits."""
    here = context.connected(ctx)
    from imgpipe import survey
    from imgpipe.render import status as render

    render.status(survey.health(here.settings, here.names, here.aws), here.settings)
