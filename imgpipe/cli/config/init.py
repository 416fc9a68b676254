"""``imgpipe config init``."""

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
) -> None:
    """Every setting stands there with its default, commented out. What is there is never replaced.

    The schema beside it lets editors complete and check the file.
    """
    _, screen = _context.settings(ctx)
    from imgpipe.render.config import init as render
    from imgpipe.settings import FILE, schema, starting, written

    path = file or Path(FILE)
    hint = "name another file, or change a setting of this one"
    written.require_absent([path], hint, "config show", "config set KEY VALUE")
    beside = path.parent / schema.FILE
    files = {path: starting.document().encode(), beside: schema.document().encode()}
    written.write(files)
    screen.show(render.VIEW, list(files))
    screen.next("config show", "setup --dry-run")
