"""``imgpipe config set``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imgpipe.cli import _context


def command(
    ctx: typer.Context,
    key: Annotated[
        str,
        typer.Argument(
            help="Such as memory, picture.width, tags.team or rendition.thumb.width.",
            show_default=False,
        ),
    ],
    value: Annotated[
        str, typer.Argument(help="As TOML has it, or a bare text.", show_default=False)
    ],
) -> None:
    """In the file in force, or a new one here. Its comments stay; a value is checked first."""
    chosen, screen = _context.settings(ctx)
    from imgpipe.render.config import set as render
    from imgpipe.settings import FILE, edit, written

    path = chosen.file or Path(FILE)
    text = path.read_text(encoding="utf-8-sig") if chosen.file else ""
    done = edit.edited(path, text, key, value)
    written.write({path: done.text.encode()})
    screen.show(render.VIEW, render.Set(path, key, done.value))
    screen.next("setup --dry-run")
