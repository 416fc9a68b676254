"""``imgpipe list-metadata``."""

from __future__ import annotations

from typing import Annotated

import typer

from handler.schema import Status
from imgpipe.cli import _context, _since

SHOWN = 50


def command(
    ctx: typer.Context,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Only so many, the newest.",
            show_default=f"{SHOWN} in a table, all as json or csv",
        ),
    ] = None,
    prefix: Annotated[str, typer.Option(help="Only keys that begin so.", show_default=False)] = "",
    status: Annotated[Status | None, typer.Option(help="Only those.", show_default=False)] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help="Only those written since: 10m, 2h, 3d ago, or a date or time.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """As json (an object a line) or csv, all rows stream while they are read, in no order."""
    start = _since.since(since) if since else None
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pictures import catalog
    from imgpipe.render import list_metadata as render

    asked = (pipeline.aws, pipeline.names.table, catalog.Query(prefix, status, start))
    if screen.output == "table":
        shown = limit or SHOWN
        listing = render.Listing(catalog.newest(*asked, shown), shown)
        screen.write(render.newest(listing, screen.paper))
        screen.say(render.summary(listing))
    else:
        screen.stream(render.VIEW, catalog.newest(*asked, limit) if limit else catalog.rows(*asked))
