"""``imgpipe list-metadata``."""

from __future__ import annotations

from typing import Annotated

import typer

from handler.schema import Status
from imgpipe.cli import _context

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
            help="Only those written since: 10m, 2h, 3d ago, or a date or time.", show_default=False
        ),
    ] = None,
) -> None:
    """List what became of the pictures. As json or csv, rows stream while they are read, in no order."""
    from imgpipe.cli import _since

    start = _since.since(since) if since else None
    here = _context.connected(ctx)
    from imgpipe.pictures import catalog
    from imgpipe.render import metadata as render

    rows = catalog.rows(here.aws, here.names.table, catalog.Query(prefix, status or "", start))
    write = {"json": render.write_json, "csv": render.write_csv}.get(here.output)
    if write is None:
        render.table(*catalog.newest(rows, limit or SHOWN), here.settings)
    else:
        write(catalog.newest(rows, limit)[0] if limit else rows)
