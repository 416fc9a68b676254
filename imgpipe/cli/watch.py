"""``imgpipe watch``."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context, _files
from imgpipe.cli._confirm import confirmed, spelled
from imgpipe.cli._files import Exclude, Include, Prefix
from imgpipe.errors import PartialError

if TYPE_CHECKING:
    from imgpipe.pictures.watching.folder import Folder
    from imgpipe.pictures.watching.mirror import Mirror
    from imgpipe.pictures.watching.origins import Origins
    from imgpipe.pipeline import Pipeline


def command(
    ctx: typer.Context,
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="The folder; what is beneath it belongs to it.",
            show_default=False,
        ),
    ],
    prefix: Prefix = "",
    include: Include = None,
    exclude: Exclude = None,
    delete: Annotated[
        bool,
        typer.Option(
            "--delete",
            help="Delete pictures that came from the folder and are gone from it, with all that "
            "was made of them; asks once, before it begins.",
        ),
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="End as soon as the bucket is in step with the folder.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Upload files that are not pictures, too.")
    ] = False,
) -> None:
    """Sends what is not there yet, the same by size and checksum, then what appears or changes.

    A file is sent when it has not changed for two seconds. Hidden files are left out, and those
    that programs have not finished (.part, .tmp and the like). As json: one object a line.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pictures.upload import require_trigger
    from imgpipe.pictures.watching import changes
    from imgpipe.pictures.watching.folder import Folder
    from imgpipe.pictures.watching.mirror import until_in_step
    from imgpipe.render import watch as render

    folder = Folder(directory, _files.naming(ctx.obj.arguments, prefix), any_kind=force)
    require_trigger(pipeline.aws, pipeline.names.source_bucket)
    origins = _origins(pipeline, folder)
    if delete and not yes:
        gone = sum(not folder.has(name) for name in origins)
        options = {"prefix": prefix or None, "include": include, "exclude": exclude}
        again = f"{spelled('watch', delete=True, yes=True, **options)} {directory}"
        if not confirmed(render.question(folder, pipeline.names.source_bucket, gone), again):
            screen.say("Nothing was sent, and nothing was deleted.")
            return
    mirror = _mirror(pipeline, folder, origins, delete=delete)
    events = mirror.follow(changes.changes(folder.root))
    with suppress(KeyboardInterrupt):  # how watching ends
        screen.stream(render.VIEW, until_in_step(events) if once else events)
    screen.say(render.stopped(mirror.sent, mirror.removed, len(mirror.waiting)))
    if once and mirror.waiting:
        raise PartialError(
            f"{len(mirror.waiting)} files could not be sent", hint="the reasons stand above"
        )


def _origins(pipeline: Pipeline, folder: Folder) -> Origins:
    from imgpipe import local
    from imgpipe.pictures.watching.origins import Origins, place

    bucket = pipeline.names.source_bucket
    return Origins(place(local.directory(os.environ), pipeline.aws, bucket, folder))


def _mirror(pipeline: Pipeline, folder: Folder, origins: Origins, *, delete: bool) -> Mirror:
    from imgpipe.pictures.watching.mirror import Mirror
    from imgpipe.pictures.watching.vanished import Vanished
    from imgpipe.pipeline.places import remover

    aws, bucket = pipeline.aws, pipeline.names.source_bucket
    vanished = Vanished(aws, remover(pipeline), folder, origins) if delete else None
    return Mirror(aws, bucket, folder, origins, vanished)
