"""``imgpipe demo``."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgpipe.cli._context import Connected
    from imgpipe.pictures.outcomes import Result


def command(
    ctx: typer.Context,
    photo: Annotated[
        Path | None,
        typer.Argument(help="Picture to send through it.", show_default="a packaged one"),
    ] = None,
) -> None:
    """Show the whole job without an account, on the embedded AWS.

    Sets up, uploads, lists, and fetches the result from its CDN.
    """
    here = _context.connect(replace(_context.settings(ctx), local=True))
    from imgpipe.render import demo as render

    render.step("Setting up a pipeline on the embedded AWS", here.settings)
    _set_up(here)
    render.step("Sending a picture through it", here.settings)
    with TemporaryDirectory() as folder:
        results = _send(here, photo or _sample(Path(folder)))
    render.step("What the table says", here.settings)
    _list(here)
    render.step("Fetching the result from its CDN", here.settings)
    _fetch(here, results)
    render.end(here.settings)


def _set_up(here: Connected) -> None:
    from imgpipe.pipeline import deployment
    from imgpipe.render import setup as render

    events = render.narrated(deployment.setup(here.settings, here.names, here.aws), here.settings)
    deployment.succeeded(events, "demo")


def _sample(folder: Path) -> Path:
    path = folder / "sunset.jpg"
    path.write_bytes(files("imgpipe.pictures").joinpath("sample.jpg").read_bytes())
    return path


def _send(here: Connected, photo: Path) -> Sequence[Result]:
    from imgpipe.cli import upload
    from imgpipe.pictures.files import pictures

    return upload.send(here, pictures([photo]), timeout=upload.TIMEOUT)


def _list(here: Connected) -> None:
    from imgpipe.pictures import catalog
    from imgpipe.render import metadata as render

    rows = catalog.rows(here.aws, here.names.table, catalog.Query())
    render.table(*catalog.newest(rows, 10), here.settings)


def _fetch(here: Connected, results: Sequence[Result]) -> None:
    from imgpipe import cdn
    from imgpipe.render import demo as render

    domain = cdn.domain(here.aws, here.names.distribution)
    for row in (row for result in results for row in result.rows):
        address = cdn.url(here.aws, domain, row.filename)
        render.fetched(address, cdn.checked(address, row.content_type, row.size), here.settings)
