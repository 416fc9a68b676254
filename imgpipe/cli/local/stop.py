"""``imgpipe local stop``."""

from __future__ import annotations

import os

import typer

from imgpipe.cli import _context


def command(ctx: typer.Context) -> None:
    """Stopping what does not run is fine, too."""
    from imgpipe import local
    from imgpipe.render.local import status as render

    _, screen = _context.settings(ctx)
    state = local.directory(os.environ)
    stopped = local.stop(state)
    screen.say("Stopped; its contents are kept." if stopped else "It was not running.")
    screen.show(render.STOPPED, render.Standing(state, None))
