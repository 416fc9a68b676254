"""``imgpipe logs``."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import NotSetUpError


def command(
    ctx: typer.Context,
    since: Annotated[
        str, typer.Option(help="From when on: 10m, 2h, 3d ago, or a date or time.")
    ] = "10m",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")
    ] = False,
    pattern: Annotated[
        str,
        typer.Option(
            "--filter",
            help="Only lines with this term, or CloudWatch filter pattern.",
            show_default=False,
        ),
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Show Lambda's own lines, too.")
    ] = False,
) -> None:
    """Show what the function says. As json: one object a line."""
    from imgpipe.cli import _since

    start = _since.since(since)
    here = _context.connected(ctx)
    from imgpipe.function import logs
    from imgpipe.render import logs as render

    read = logs.follow if follow else logs.tail
    lines = read(here.aws, here.names.log_group, start, pattern)
    try:
        with suppress(KeyboardInterrupt):
            render.lines((line for line in lines if everything or not line.platform), here.settings)
    except NotSetUpError as nothing:
        render.none_yet(nothing, here.settings)
