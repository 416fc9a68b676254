"""``imgpipe logs``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context, _since
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
            help="Only lines with this term, or CloudWatch filter pattern; "
            "ERROR finds Lambda's own errors, too.",
            show_default=False,
        ),
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Show Lambda's own lines, too.")
    ] = False,
) -> None:
    """As json: one object a line."""
    start = _since.since(since)
    pipeline, screen = _context.connected(ctx)
    from imgpipe.function import logs
    from imgpipe.render import logs as render

    read = logs.follow if follow else logs.tail
    lines = read(pipeline.aws, pipeline.names.log_group, start, pattern)
    wanted = (line for line in lines if everything or line.is_error or not line.platform)
    try:
        shown = screen.stream(render.VIEW, wanted)
    except KeyboardInterrupt:
        if not follow:
            raise
        return  # how following ends
    except NotSetUpError as error:
        screen.say(f"{error.message[:1].upper()}{error.message[1:]}.")
        screen.next(*error.next)
        return
    if not shown:
        screen.say(
            "No log lines in that time. Look further back with --since 1d; "
            "--all shows Lambda's own lines, too."
        )
