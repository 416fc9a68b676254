"""``imgpipe gallery``."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import UsageError

if TYPE_CHECKING:
    from imgpipe.settings import Settings

_FOLDER = "page"


def command(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]", help="With --eject: where to.", show_default=f"{_FOLDER} here"
        ),
    ] = None,
    eject: Annotated[
        bool,
        typer.Option("--eject", help="Write the page's template, for a design of your own."),
    ] = False,
) -> None:
    """Its files as they are here, its data as the table says; CloudFront's edges forget it.

    An index.html that you put into the bucket yourself is never overwritten, nor is a file here.
    """
    if eject:
        _eject(ctx, folder or Path(_FOLDER))
        return
    if folder:
        raise UsageError(
            "a folder is named without --eject",
            next=(f"gallery --eject {shlex.quote(str(folder))}",),
        )
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pipeline import gallery
    from imgpipe.render import gallery as render

    standing = gallery.look(pipeline)
    steps = render.rebuilding(gallery.rebuild(pipeline.aws, standing), screen)
    *_, done = steps
    screen.show(render.VIEW, done)
    for remark in render.remarks(done):
        screen.say(remark)


def _eject(ctx: typer.Context, folder: Path) -> None:
    chosen, screen = _context.settings(ctx)
    from imgpipe.gallery.page import template_files
    from imgpipe.render import gallery as render
    from imgpipe.settings import written

    files = {folder / key: content for key, content in template_files(None).items()}
    written.require_absent(files, "name another folder")
    written.write(files)
    screen.show(render.EJECTED, list(files))
    screen.next(f"config set gallery.template {shlex.quote(_named(folder, chosen))}")


def _named(folder: Path, chosen: Settings) -> str:
    """Return ``folder`` as the settings file has to name it: from where that lies."""
    beside = chosen.file.parent if chosen.file else Path()
    return Path(os.path.relpath(folder, beside)).as_posix()
