"""``imgpipe demo``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context

if TYPE_CHECKING:
    from imgpipe.pictures.outcomes import Result
    from imgpipe.pipeline import Pipeline
    from imgpipe.render._screen import Screen

_LISTED = 10


def command(
    ctx: typer.Context,
    photo: Annotated[
        Path | None,
        typer.Argument(help="Picture to send through it.", show_default="a packaged one"),
    ] = None,
) -> None:
    """Sets up, uploads, lists, and fetches the result from its CDN."""
    settings, screen = _context.settings(ctx)
    pipeline = _context.connect(replace(settings, local=True))
    from imgpipe.render import demo as render

    screen.say(*render.step("Setting up a pipeline on the embedded AWS"))
    _set_up(pipeline, screen)
    screen.say(*render.step("Sending a picture through it"))
    with as_file(files("imgpipe.pictures").joinpath("sample.jpg")) as sample:
        results = _send(pipeline, screen, photo or sample)
    screen.say(*render.step("What the table says"))
    _list(pipeline, screen)
    screen.say(*render.step("Fetching the result from its CDN"))
    _fetch(pipeline, screen, results)
    for line in render.going_on(screen.spelled):
        screen.say(line)


def _set_up(pipeline: Pipeline, screen: Screen) -> None:
    from imgpipe.engine.graph import finals
    from imgpipe.pipeline import deployment, live
    from imgpipe.render import setup as render

    seen = deployment.look(pipeline)
    if error := live.refusal(pipeline.settings, seen.changes):
        raise error
    walk = deployment.setup(pipeline, seen)
    events = list(finals(render.narrated(seen.reads, walk, screen)))
    deployment.raise_for_failures(events, "demo")


def _send(pipeline: Pipeline, screen: Screen, photo: Path) -> Sequence[Result]:
    from imgpipe.cli import upload
    from imgpipe.pictures.files import pictures

    address = upload.asked(pipeline)
    uploads = upload.uploaded(pipeline, screen, pictures([photo]))
    results = upload.followed(pipeline, screen, uploads, upload.PATIENCE_SECONDS)
    return list(upload.show(screen, results, address))


def _list(pipeline: Pipeline, screen: Screen) -> None:
    from imgpipe.pictures import catalog
    from imgpipe.render import list_metadata as render

    rows = catalog.newest(pipeline.aws, pipeline.names.table, catalog.Query(), _LISTED)
    screen.write(render.newest(render.Listing(rows, _LISTED), screen.paper))


def _fetch(pipeline: Pipeline, screen: Screen, results: Sequence[Result]) -> None:
    from imgpipe import cdn
    from imgpipe.render import demo as render

    comment, named = pipeline.names.distribution, pipeline.settings.domain
    domain = cdn.domain(pipeline.aws, comment, named)
    for row in (row for result in results for row in result.rows):
        address = cdn.url(pipeline.aws, domain, row.filename)
        reply = cdn.checked(address, row.content_type, row.size)
        screen.say(render.fetched(reply))
        screen.write([render.address(address)])
