"""``imgpipe local reset``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import confirmed


def command(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Asks first; its key, its pictures and its pipelines are gone then."""
    from imgpipe import local
    from imgpipe.render.local import status as render

    _, screen = _context.settings(ctx)
    state = local.directory(os.environ)
    question = "Delete everything in the embedded AWS?"
    if not (yes or confirmed(question, "local reset --yes")):
        screen.say("Nothing was changed.")
        screen.show(render.STOPPED, render.Standing(state, local.find(state)))
        return
    local.reset(state)
    screen.say("The embedded AWS is empty.")
    screen.show(render.STOPPED, render.Standing(state, None))
