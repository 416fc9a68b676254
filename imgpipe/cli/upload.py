"""``imgpipe upload``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import ImgpipeError

if TYPE_CHECKING:
    from imgpipe.pictures.files import Found
    from imgpipe.pictures.outcomes import Result
    from imgpipe.pictures.upload import Upload
    from imgpipe.pipeline import Pipeline
    from imgpipe.render._screen import Screen


# A trigger just wired may sleep for five minutes:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
PATIENCE_SECONDS = 300


def command(
    ctx: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(help="Pictures, and directories of pictures.", show_default=False),
    ],
    prefix: Annotated[
        str, typer.Option(help="Folder in the bucket, such as 2026/holiday.", show_default=False)
    ] = "",
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Follow every picture to its result.")
    ] = True,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds without any news after which to stop waiting.")
    ] = PATIENCE_SECONDS,
    force: Annotated[
        bool, typer.Option("--force", help="Upload files that are not pictures, too.")
    ] = False,
) -> None:
    """Shows dimensions, bytes and address, or the reason why there is none."""
    from imgpipe.pictures import files, outcomes

    found = files.everything(paths, prefix) if force else files.pictures(paths, prefix)
    pipeline, screen = _context.connected(ctx)
    uploads = uploaded(pipeline, screen, found)
    results = followed(pipeline, screen, uploads, timeout) if wait else list(outcomes.sent(uploads))
    results += outcomes.refused(found.refused)
    show(pipeline, screen, results)
    outcomes.raise_for_failures(results)


def uploaded(pipeline: Pipeline, screen: Screen, found: Found) -> list[Upload]:
    """Upload what was found, with its progress on ``screen``; return how each file ended."""
    from imgpipe.pictures import upload
    from imgpipe.render import upload as render

    bucket = pipeline.names.source_bucket
    upload.require_trigger(pipeline.aws, bucket)
    if found.left_out:
        screen.say(render.left_out(found.left_out))
    began = pipeline.aws.clock()
    uploads = upload.upload(pipeline.aws, bucket, found.pictures)
    ended = list(render.uploading(uploads, found.pictures, screen))
    screen.say(render.sent(ended, pipeline.aws.clock() - began))
    return ended


def followed(
    pipeline: Pipeline, screen: Screen, uploads: Sequence[Upload], patience_seconds: float
) -> list[Result]:
    """Wait for what becomes of ``uploads``, with the progress on ``screen``; return it by key."""
    from imgpipe.pictures import outcomes
    from imgpipe.render import upload as render

    renditions = [rendition.name for rendition in pipeline.settings.recipe.renditions]
    results = outcomes.follow(
        pipeline.aws, pipeline.names.table, uploads, renditions, patience_seconds
    )
    ended = render.following(results, len(uploads), screen)
    return sorted(ended, key=lambda result: result.file.key)


def show(pipeline: Pipeline, screen: Screen, results: Sequence[Result]) -> None:
    """Show ``results``, and put what was processed on the index page.

    Who may only upload may neither ask for the address nor write the page, and the pictures are
    processed all the same: so both are tried, and nothing is said where they are denied.
    """
    from imgpipe.aws.errors import translated
    from imgpipe.gallery import manifest
    from imgpipe.render import upload as render

    rows = [row for result in results for row in result.rows]
    screen.show(render.VIEW, render.Sent(results, _address(pipeline) if rows else ""))
    for note in render.notes(rows):
        screen.say(note)
    with suppress(ImgpipeError), translated():
        manifest.publish(pipeline.aws, pipeline.names.destination_bucket, rows)


def _address(pipeline: Pipeline) -> str:
    """Return the distribution's address, or nothing where there is none or it may not be seen."""
    from imgpipe import cdn
    from imgpipe.aws.errors import translated

    with suppress(ImgpipeError), translated():
        domain = cdn.domain(pipeline.aws, pipeline.names.distribution)
        return cdn.url(pipeline.aws, domain, "")
    return ""
