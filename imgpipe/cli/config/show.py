"""``imgpipe config show``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context


def command(
    ctx: typer.Context,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what is not the default.")
    ] = False,
) -> None:
    """And where each came from: a flag, a variable, a line of the file, or the default.

    What is live in the account may be another: see imgpipe setup --dry-run.
    """
    chosen, screen = _context.settings(ctx)
    from imgpipe.render.config import show as render
    from imgpipe.settings.effective import effective
    from imgpipe.settings.origin import Kind

    found = effective(chosen)
    shown = [each for each in found if not changed or each.origin.kind is not Kind.DEFAULT]
    screen.show(render.VIEW, shown)
    if not shown:
        screen.say("Everything has its default.")
