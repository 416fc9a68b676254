"""``imgpipe local env``."""

from __future__ import annotations

import os

import typer

from imgpipe.cli import _context


def command(ctx: typer.Context) -> None:
    """Use: eval "$(imgpipe local env)"."""
    from imgpipe import local
    from imgpipe.render.local import env as render

    _, screen = _context.settings(ctx)
    screen.show(render.VIEW, local.start(local.directory(os.environ)))
