"""``imgpipe explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context

if TYPE_CHECKING:
    from imgpipe.pictures.story.evidence import Parts
    from imgpipe.pipeline import Pipeline


def command(
    ctx: typer.Context,
    picture: Annotated[
        str,
        typer.Argument(
            metavar="KEY", help="Key of an original or a result, or an address.", show_default=False
        ),
    ],
) -> None:
    """From its upload to the CDN's answer now, which step is missing, why, and what to do.

    Of what never arrived, was rejected, failed or was removed, too. Nothing is changed.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pictures import named
    from imgpipe.pictures.story import reading, telling
    from imgpipe.pipeline.places import stores
    from imgpipe.render import explain as render

    parts = _parts(pipeline)
    with screen.progress() as progress:
        progress.add_task(render.READING)
        key = named.source_key(pipeline.aws, parts.places.source_bucket, stores(pipeline), picture)
        story = telling.tell(reading.gather(pipeline.aws, parts, key))
    commands = [screen.spelled(each) for each in story.advice.next]
    screen.show(render.VIEW, render.Explained(story, commands))
    if commands:
        hint = f"{story.advice.hint}: " if story.advice.hint else ""
        screen.say(f"\nNext: {hint}{' or '.join(commands)}")


def _parts(pipeline: Pipeline) -> Parts:
    from imgpipe.pictures.story.evidence import Parts
    from imgpipe.pipeline.places import places

    names = pipeline.names
    return Parts(
        places=places(pipeline),
        log_group=names.log_group,
        queue=names.queue,
        distribution=names.distribution,
        domain=pipeline.settings.domain,
    )
