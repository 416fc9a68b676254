"""``imgpipe pause``."""

from __future__ import annotations

import typer

from imgpipe.cli import _context


def command(ctx: typer.Context) -> None:
    """What comes, changes or goes meanwhile is caught up by imgpipe resume.

    What is served goes on being served, and rm, retry and reconcile work all the same.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.aws.errors import translated
    from imgpipe.pipeline import pausing
    from imgpipe.render import pause as render

    with translated():
        moment = pausing.pause(pipeline)
    screen.show(render.VIEW, moment)
    screen.next("resume")
