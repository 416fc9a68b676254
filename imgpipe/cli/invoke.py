"""``imgpipe invoke``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import UsageError


def command(
    ctx: typer.Context,
    key: Annotated[
        str | None,
        typer.Argument(help="Key of a picture in the source bucket.", show_default=False),
    ] = None,
    event: Annotated[
        Path | None,
        typer.Option(
            help="File with a JSON event to send instead; - for standard input.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Shows its result and its log."""
    if (key is None) == (event is None):
        raise UsageError(
            "invoke takes one thing: a key, or an event",
            next=("invoke photo.jpg", "invoke --event event.json"),
        )
    from handler.event import Kind, s3_event
    from imgpipe.function import invoke

    given = invoke.read_event(event) if event else None
    pipeline, screen = _context.connected(ctx)
    from imgpipe.render import invoke as render

    aws, names = pipeline.aws, pipeline.names
    bucket = names.source_bucket
    payload = s3_event(Kind.CREATED, bucket, key, aws.region) if key else given
    done = invoke.invoke(aws, names.function, names.alias, payload)
    for line in render.log(done, screen.side_paper):
        screen.say(line)
    screen.show(render.VIEW, done)
    invoke.raise_for_failures(done)
