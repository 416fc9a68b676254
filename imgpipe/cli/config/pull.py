"""``imgpipe config pull``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imgpipe.cli import _context


def command(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="File to write.", show_default="imgpipe.toml here"),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is there under that name.")
    ] = False,
) -> None:
    """Image and font of its watermarks are written beside it.

    A setup with that file, by anybody anywhere, then changes nothing.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pipeline import pull
    from imgpipe.render.config import pull as render
    from imgpipe.settings import FILE, written

    pulled = pull.pull(pipeline)
    files = pulled.files(file or Path(FILE))
    if not force:
        written.require_free(files)
    written.write(files)
    screen.show(render.VIEW, render.Written(pulled, tuple(files)))
    screen.next("setup --dry-run")
