"""``imgpipe metrics``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context, _since


def command(
    ctx: typer.Context,
    since: Annotated[
        str, typer.Option(help="From when on: 1h, 1d, 1w ago, or a date or time.")
    ] = "1h",
) -> None:
    """Read from the function's log, which costs nothing; it reaches back log_retention_days."""
    from datetime import UTC, datetime

    from imgpipe.errors import UsageError

    until = datetime.now(UTC)
    start = _since.since(since, until)
    if start >= until:
        raise UsageError(f"--since is {since!r}, which is not over yet", hint="such as --since 1d")
    pipeline, screen = _context.connected(ctx)
    from imgpipe.function import logs, metrics
    from imgpipe.render import metrics as render

    with screen.progress(*render.READING) as progress:
        progress.add_task("Reading the function's log")
        lines = logs.plain(pipeline.aws, pipeline.names.log_group, start)
        found = metrics.metrics(lines, start, until)
    screen.show(render.VIEW, found)
    for remark in render.remarks(found, screen.paper):
        screen.say(remark)
    if found.total.errors:
        screen.next(f"logs --filter ERROR --since {since}", "failures")
