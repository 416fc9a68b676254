"""``imgpipe retry``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import UsageError

if TYPE_CHECKING:
    from imgpipe.pictures.retry import Place
    from imgpipe.pipeline import Pipeline

# What a picture's message is out of sight beyond the time that the picture may take.
MARGIN_SECONDS = 30


def command(
    ctx: typer.Context,
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY]...", help="Keys of pictures that failed.", show_default=False
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that failed.")] = False,
) -> None:
    """What succeeds, or is rejected with a reason, leaves the failure queue; the rest stays."""
    if bool(keys) == everything:
        raise UsageError(
            "retry takes the keys of pictures that failed, or --all",
            next=("failures", "retry --all"),
        )
    from imgpipe.pictures import retry
    from imgpipe.render import retry as render

    pipeline, screen = _context.connected(ctx)
    with retry.held(pipeline.aws, _place(pipeline), keys or ()) as work:
        results = sorted(render.retrying(work.run(), len(work), screen), key=lambda each: each.key)
    screen.show(render.VIEW, results)
    if not results and not work.unseen:
        screen.say("Nothing that failed waits.")
    if work.unseen:
        screen.say(f"About {work.unseen:,} more wait, or are just being run by somebody else.")
        screen.next("retry --all")
    retry.raise_for_failures(results)


def _place(pipeline: Pipeline) -> Place:
    from handler.schema import Removed
    from imgpipe.pictures.retry import Place
    from imgpipe.pipeline.places import stores

    names, settings = pipeline.names, pipeline.settings
    return Place(
        queue=names.queue,
        function=names.function,
        alias=names.alias,
        source_bucket=names.source_bucket,
        stores=stores(pipeline),
        hold_seconds=settings.timeout + MARGIN_SECONDS,
        follows=settings.removed == Removed.FOLLOW,
    )
