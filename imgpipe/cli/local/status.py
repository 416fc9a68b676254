"""``imgpipe local status``."""

from __future__ import annotations

import os

import typer

from imgpipe.cli import _context


def command(ctx: typer.Context) -> None:
    """Shows where its state is, too."""
    from imgpipe import local
    from imgpipe.render.local import status as render

    _, screen = _context.settings(ctx)
    state = local.directory(os.environ)
    emulator = local.find(state)
    screen.show(render.VIEW, render.Standing(state, emulator))
    if not emulator:
        screen.next("local start")
