"""``imgpipe upload``."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context, _files
from imgpipe.cli._files import Exclude, Include, Prefix
from imgpipe.errors import ImgpipeError, ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.meanwhile import Meanwhile
    from imgpipe.pictures.files import Found
    from imgpipe.pictures.outcomes import Result
    from imgpipe.pictures.there import There
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
        list[str],
        typer.Argument(
            help="Pictures, and directories of pictures; - reads a list of them from standard "
            "input, one a line.",
            show_default=False,
        ),
    ],
    prefix: Prefix = "",
    relative_to: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keys are the paths below this folder.", show_default=False
        ),
    ] = None,
    include: Include = None,  # noqa: ARG001 - their order counts, which only the arguments know
    exclude: Exclude = None,  # noqa: ARG001
    nul: Annotated[
        bool,
        typer.Option(
            "--null", "-0", help="The list's paths end with a NUL, as find -print0 has them."
        ),
    ] = False,
    skip_existing: Annotated[
        bool,
        typer.Option(
            "--skip-existing",
            help="Leave what is in the bucket already: same key, size and checksum.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would go where, and send nothing.")
    ] = False,
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
    """Shows dimensions, bytes and address, or the reason why there is none.

    Interrupted or killed, it is finished by the same command with --skip-existing, which goes on
    with a large file in its middle.
    """
    from imgpipe.pictures import files, outcomes

    naming = _files.naming(ctx.obj.arguments, prefix, relative_to)
    look = files.everything if force else files.pictures
    found = look(_files.named(paths, nul=nul), naming)
    pipeline, screen = _context.connected(ctx)
    there = existing(pipeline, screen, found) if skip_existing else None
    if dry_run:
        planned(pipeline, screen, found, there)
        return
    address = asked(pipeline) if wait else None
    uploads = uploaded(pipeline, screen, found, there)
    results = followed(pipeline, screen, uploads, timeout) if wait else outcomes.sent(uploads)
    ended = chain(results, outcomes.refused(found.refused))
    with closing(show(screen, ended, address)) as shown:
        outcomes.raise_for_failures(shown)


def existing(pipeline: Pipeline, screen: Screen, found: Found) -> There:
    """Return what the bucket holds under the keys of what was ``found``."""
    from imgpipe.pictures.there import There

    keys = [file.key for file in found.pictures]
    with screen.progress() as progress:
        progress.add_task("Listing what is there")
        return There(pipeline.aws, pipeline.names.source_bucket, keys)


def planned(pipeline: Pipeline, screen: Screen, found: Found, there: There | None) -> None:
    """Show what would go where, and what would stay."""
    from imgpipe.pictures import plan
    from imgpipe.render import upload as render
    from imgpipe.render import upload_plan

    bucket, totals = pipeline.names.source_bucket, upload_plan.Totals()
    steps = upload_plan.comparing(plan.steps(pipeline.aws, found, there), found, screen)
    for portion in screen.portions(upload_plan.VIEW, upload_plan.portions(bucket, steps)):
        totals.count(portion.steps)
    screen.say(upload_plan.summary(bucket, totals))
    if found.left_out:
        screen.say(render.left_out(found.left_out))
    screen.say("Nothing was sent.")


def uploaded(
    pipeline: Pipeline, screen: Screen, found: Found, there: There | None = None
) -> Iterator[Upload]:
    """Upload what was found, with its progress on ``screen``; yield how each file ended."""
    from imgpipe.pictures import upload
    from imgpipe.render import upload as render

    bucket, totals = pipeline.names.source_bucket, render.Totals()
    upload.require_trigger(pipeline.aws, bucket)
    if found.left_out:
        screen.say(render.left_out(found.left_out))
    began = pipeline.aws.clock()
    uploads = upload.upload(pipeline.aws, bucket, found.pictures, there)
    for ended in totals.counting(render.uploading(uploads, found.pictures, screen)):
        if ended.held:
            screen.say(render.resumed(ended))
        yield ended
    screen.say(render.sent(totals, pipeline.aws.clock() - began))


def asked(pipeline: Pipeline) -> Meanwhile[str]:
    """Ask for the distribution's address, while the pictures are on their way."""
    from imgpipe import cdn
    from imgpipe.aws.meanwhile import Meanwhile

    def address() -> str:
        aws, comment = pipeline.aws, pipeline.names.distribution
        return cdn.url(aws, cdn.domain(aws, comment, pipeline.settings.domain), "")

    return Meanwhile("CloudFront", address)


def followed(
    pipeline: Pipeline, screen: Screen, uploads: Iterable[Upload], patience_seconds: float
) -> Iterator[Result]:
    """Yield what becomes of ``uploads``, with the progress on ``screen``.

    Who may only upload, and not read the table, is told so: the pictures are processed all the
    same.
    """
    from imgpipe.aws.errors import lacks_permission, translated
    from imgpipe.pictures import outcomes
    from imgpipe.pictures.following import Watch
    from imgpipe.pictures.stalled import Helper, Names
    from imgpipe.pictures.waiting import Waiting
    from imgpipe.render import upload as render

    waiting = Waiting()
    yield from waiting.take(uploads)
    aws, names = pipeline.aws, pipeline.names
    renditions = [rendition.name for rendition in pipeline.settings.recipe.renditions]
    asked = Names(names.function, names.alias, names.log_group, names.queue, names.source_bucket)
    told = Watch(aws, names.table, renditions, patience_seconds, Helper(aws, asked)).follow(waiting)
    try:
        with translated():
            yield from render.following(told, len(waiting), screen)
    except ServiceError as error:
        if not lacks_permission(error):
            raise
        screen.say(f"What becomes of them cannot be followed: {error.message}.")
        yield from outcomes.sent(waiting)


def show(
    screen: Screen, results: Iterable[Result], address: Meanwhile[str] | None
) -> Generator[Result, None, None]:
    """Show ``results`` as they come, portion by portion, and yield them then.

    Who may only upload may not ask for the address, and an account that is not verified for
    CloudFront has none: the pictures are processed all the same, so that is tried, and no more.
    """
    from imgpipe.render import upload as render

    answer = cache(lambda: _answer(address) if address else ("", ""))
    said = ""
    for portion in screen.portions(render.VIEW, render.portions(results, lambda: answer()[0])):
        rows = [row for result in portion.results for row in result.rows]
        if rows and not said and (said := answer()[1]):
            screen.say(f"No addresses: {said}.")
        for note in render.notes(rows):
            screen.say(note)
        yield from portion.results


def _answer(address: Meanwhile[str]) -> tuple[str, str]:
    """Return the address, or why there is none."""
    try:
        return address.answer(ADDRESS_SECONDS), ""
    except ImgpipeError as error:
        return "", error.message
