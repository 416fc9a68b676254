"""``imgpipe open``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import NotSetUpError, UsageError

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline
    from imgpipe.render._screen import Screen


def command(
    ctx: typer.Context,
    picture: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]",
            help="Key of an original or a result, or an address; without: the page of all.",
            show_default=False,
        ),
    ] = None,
    rejected: Annotated[
        bool,
        typer.Option(
            "--rejected", help="The rejected ones with their reasons: a file here, for you alone."
        ),
    ] = False,
    print_only: Annotated[
        bool, typer.Option("--print", help="Print the address, and open nothing.")
    ] = False,
) -> None:
    """The address is printed in any case, and only printed without a terminal or a display."""
    if picture and rejected:
        raise UsageError("open takes the key of a picture, or --rejected", next=("open --help",))
    pipeline, screen = _context.connected(ctx)
    from imgpipe.render import open as render

    with screen.progress() as progress:
        progress.add_task("Looking for the address")
        if rejected:
            address = _rejected(pipeline, screen)
        else:
            address = _of_picture(pipeline, picture) if picture else _of_page(pipeline)
    watched = not print_only and sys.stdout.isatty() and windows(os.environ, sys.platform)
    screen.show(render.VIEW, render.Opened(address, opened=watched and _opened(address)))


def windows(environ: Mapping[str, str], platform: str) -> bool:
    """Say whether a browser could open a window that is seen by whoever types here."""
    if environ.get("BROWSER"):
        return True
    if platform == "darwin":
        return not environ.get("SSH_CONNECTION")
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _opened(address: str) -> bool:
    import webbrowser

    return webbrowser.open(address)


def _of_page(pipeline: Pipeline) -> str:
    from imgpipe import cdn

    if not pipeline.settings.page.public:
        raise NotSetUpError(
            "there is no page: public = false says so",
            hint="each picture still has its address",
            next=("open KEY", "config set gallery.public true"),
        )
    aws, comment = pipeline.aws, pipeline.names.distribution
    return cdn.url(aws, cdn.domain(aws, comment, pipeline.settings.domain), "")


def _of_picture(pipeline: Pipeline, picture: str) -> str:
    from imgpipe import cdn
    from imgpipe.pictures import glance
    from imgpipe.pictures.story.step import about
    from imgpipe.pipeline.places import stores

    names = pipeline.names
    found = glance.look(pipeline.aws, names.source_bucket, stores(pipeline), picture)
    if found.meant is None:
        raise UsageError(
            f"{found.key} has no result that could be opened",
            next=(about("explain", found.key),),
        )
    domain = cdn.domain(pipeline.aws, names.distribution, pipeline.settings.domain)
    return cdn.url(pipeline.aws, domain, found.meant.filename)


def _rejected(pipeline: Pipeline, screen: Screen) -> str:
    """Write the list into the user's private folder; return the file's address."""
    from handler.schema import Status
    from imgpipe import local
    from imgpipe.pictures import catalog
    from imgpipe.render import open as render
    from imgpipe.render import rejected_page
    from imgpipe.settings import written

    query = catalog.Query(status=Status.REJECTED)
    rows = catalog.rows(pipeline.aws, pipeline.names.table, query)
    newest = sorted(rows, key=lambda row: row.timestamp, reverse=True)
    name = f"{pipeline.names.distribution} {pipeline.aws.account}"
    path = local.directory(os.environ) / "rejected" / f"{name}.html"
    written.write_private(path, rejected_page.page(name, newest).encode())
    screen.say(render.listed(len(newest)))
    return path.as_uri()
