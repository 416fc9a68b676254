"""``imgpipe upload``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import ImgpipeError, ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.meanwhile import Meanwhile
    from imgpipe.pictures.files import Found
    from imgpipe.pictures.outcomes import Result
    from imgpipe.pictures.upload import Upload
    from imgpipe.pipeline import Pipeline
    from imgpipe.render._screen import Screen


# An event for which too few functions may run comes back after up to five minutes:
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
PATIENCE_SECONDS = 330
# What the addresses are waited for when the results are there; they are asked for before that.
ADDRESS_SECONDS = 5


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
    address = asked(pipeline) if wait else None
    uploads = uploaded(pipeline, screen, found)
    results = followed(pipeline, screen, uploads, timeout) if wait else list(outcomes.sent(uploads))
    results += outcomes.refused(found.refused)
    show(screen, results, address)
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


def asked(pipeline: Pipeline) -> Meanwhile[str]:
    """Ask for the distribution's address, while the pictures are on their way."""
    from imgpipe import cdn
    from imgpipe.aws.meanwhile import Meanwhile

    def address() -> str:
        return cdn.url(pipeline.aws, cdn.domain(pipeline.aws, pipeline.names.distribution), "")

    return Meanwhile("CloudFront", address)


def followed(
    pipeline: Pipeline, screen: Screen, uploads: Sequence[Upload], patience_seconds: float
) -> list[Result]:
    """Wait for what becomes of ``uploads``, with the progress on ``screen``; return it by key.

    Who may only upload, and not read the table, is told so: the pictures are processed all the
    same.
    """
    from imgpipe.aws.errors import lacks_permission, translated
    from imgpipe.pictures import outcomes
    from imgpipe.pictures.following import Watch
    from imgpipe.pictures.stalled import Helper, Names
    from imgpipe.render import upload as render

    aws, names = pipeline.aws, pipeline.names
    renditions = [rendition.name for rendition in pipeline.settings.recipe.renditions]
    asked = Names(names.function, names.alias, names.log_group, names.queue, names.source_bucket)
    told = Watch(aws, names.table, renditions, patience_seconds, Helper(aws, asked)).follow(uploads)
    try:
        with translated():
            ended = list(render.following(told, len(uploads), screen))
    except ServiceError as error:
        if not lacks_permission(error):
            raise
        screen.say(f"What becomes of them cannot be followed: {error.message}.")
        ended = list(outcomes.sent(uploads))
    return sorted(ended, key=lambda result: result.file.key)


def show(screen: Screen, results: Sequence[Result], address: Meanwhile[str] | None) -> None:
    """Show ``results``.

    Who may only upload may not ask for the address, and an account that is not verified for
    CloudFront has none: the pictures are processed all the same, so that is tried, and no more.
    """
    from imgpipe.render import upload as render

    rows = [row for result in results for row in result.rows]
    found, lacking = _answer(address) if rows and address else ("", "")
    screen.show(render.VIEW, render.Sent(results, found))
    if lacking:
        screen.say(f"No addresses: {lacking}.")
    for note in render.notes(rows):
        screen.say(note)


def _answer(address: Meanwhile[str]) -> tuple[str, str]:
    """Return the address, or why there is none."""
    try:
        return address.answer(ADDRESS_SECONDS), ""
    except ImgpipeError as error:
        return "", error.message
