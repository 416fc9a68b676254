"""``imgpipe show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context

if TYPE_CHECKING:
    from handler.schema import Metadata
    from imgpipe.pictures.glance import Glance
    from imgpipe.pipeline import Pipeline
    from imgpipe.render._canvas import Canvas
    from imgpipe.render._screen import Screen


def command(
    ctx: typer.Context,
    picture: Annotated[
        str,
        typer.Argument(
            metavar="KEY", help="Key of an original or a result, or an address.", show_default=False
        ),
    ],
    image: Annotated[
        bool, typer.Option("--image/--no-image", help="Draw the picture, where a terminal can.")
    ] = True,
) -> None:
    """As kitty's graphics or sixel where the terminal has them, else in half-blocks.

    A result's key or address draws that one. In a pipe, and as json, there are the rows alone.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pictures import glance
    from imgpipe.pictures.story.step import about
    from imgpipe.pipeline import places
    from imgpipe.render import show as render

    with screen.progress() as progress:
        progress.add_task("Looking for its rows")
        stores = places.stores(pipeline)
        found = glance.look(pipeline.aws, pipeline.names.source_bucket, stores, picture)
        domain = places.domain(pipeline)
    screen.show(render.VIEW, render.Shown(found, _addresses(pipeline, found, domain)))
    if image and found.meant and (canvas := screen.canvas):
        _draw(pipeline, screen, canvas, found.meant)
    if not found.rows:
        screen.next(about("explain", found.key))


def _addresses(pipeline: Pipeline, found: Glance, domain: str) -> dict[str, str]:
    """Return the address of each result that visitors see; none without a CDN."""
    from imgpipe import cdn

    public = [row.filename for row in found.rows if row.is_public and domain]
    return {key: cdn.url(pipeline.aws, domain, key) for key in public}


def _draw(pipeline: Pipeline, screen: Screen, canvas: Canvas, row: Metadata) -> None:
    from handler.image import Rejected
    from imgpipe.pictures import glance
    from imgpipe.render import show as render
    from imgpipe.render._canvas import Size

    try:
        with screen.progress() as progress:
            progress.add_task("Fetching the picture")
            bucket = pipeline.names.destination_bucket
            small = glance.thumbnail(pipeline.aws, bucket, row, *canvas.pixels)
    except Rejected as rejection:
        screen.say(render.not_drawn(str(rejection)))
    else:
        canvas.draw(small.body, Size(small.width, small.height))
