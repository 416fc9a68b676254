"""``imgpipe local start``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from imgpipe.cli import _context


def command(
    ctx: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="Port on 127.0.0.1.",
            show_default="its last one, or a free one",
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many invocations of functions run at once.",
            show_default="one a processor, at least two",
        ),
    ] = None,
) -> None:
    """It goes on running until it is stopped."""
    from imgpipe import local
    from imgpipe.render.local import status as render

    _, screen = _context.settings(ctx)
    state = local.directory(os.environ)
    emulator = local.start(state, port, concurrency)
    screen.show(render.VIEW, render.Standing(state, emulator))
    screen.next("--local setup")
