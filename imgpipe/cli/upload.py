"""``imgpipe upload``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgpipe.cli._context import Connected
    from imgpipe.pictures.files import Found
    from imgpipe.pictures.outcomes import Result
    from imgpipe.pictures.upload import Upload


# A trigger just wired may sleep for five minutes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
TIMEOUT = 300


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
    ] = TIMEOUT,
    force: Annotated[
        bool, typer.Option("--force", help="Upload files that are not pictures, too.")
    ] = False,
) -> None:
    """Upload pictures, and follow each to its result.

    Shows dimensions, bytes and address, or the reason why there is none.
    """
    from imgpipe.pictures import files, outcomes

    found = files.everything(paths, prefix) if force else files.pictures(paths, prefix)
    outcomes.check(send(_context.connected(ctx), found, timeout if wait else None))


def send(here: Connected, found: Found, timeout: float | None) -> Sequence[Result]:
    """Upload what was found, follow it for ``timeout`` seconds (``None``: not at all), show it, and put it on the index page."""
    from imgpipe.gallery import manifest
    from imgpipe.pictures import outcomes, upload
    from imgpipe.render import upload as render

    upload.check(here.aws, here.names.source_bucket)
    uploads = render.uploading(
        upload.upload(here.aws, here.names.source_bucket, found.pictures), found, here.settings
    )
    done = list(outcomes.sent(uploads)) if timeout is None else _followed(here, uploads, timeout)
    done += outcomes.refused(found.refused)
    render.table(done, _address(here, done), here.settings)
    manifest.publish(
        here.aws, here.names.destination_bucket, [row for result in done for row in result.rows]
    )
    return done


def _followed(here: Connected, uploads: Sequence[Upload], timeout: float) -> list[Result]:
    from imgpipe.pictures import outcomes
    from imgpipe.render import upload as render

    renditions = [rendition.name for rendition in here.settings.recipe.renditions]
    return render.following(
        outcomes.follow(here.aws, here.names.table, uploads, renditions, timeout),
        len(uploads),
        here.settings,
    )


def _address(here: Connected, done: Sequence[Result]) -> Callable[[str], str]:
    """Return what gives a key's URL; where nothing was made, nobody is asked for the distribution."""
    from imgpipe import cdn

    domain = (
        cdn.domain(here.aws, here.names.distribution) if any(result.rows for result in done) else ""
    )
    return lambda key: cdn.url(here.aws, domain, key)
