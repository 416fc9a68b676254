"""``imgpipe local logs``."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Annotated

import typer

from imgpipe.cli import _context


def command(
    ctx: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """What the emulator itself says, a line at a time."""
    from imgpipe import local
    from imgpipe.render.local import logs as render

    _, screen = _context.settings(ctx)
    lines = local.follow_log if follow else local.log_lines
    with suppress(KeyboardInterrupt):
        screen.stream(render.VIEW, lines(local.directory(os.environ)))
