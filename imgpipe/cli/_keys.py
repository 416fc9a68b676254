"""The pictures a command is about, as people call them."""

from __future__ import annotations

from typing import Annotated

import typer

Keys = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KEY]...",
        help="Keys of originals, or of results, or addresses.",
        show_default=False,
    ),
]
