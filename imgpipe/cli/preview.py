"""``imgpipe preview``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context, _picture_options
from imgpipe.errors import UsageError

if TYPE_CHECKING:
    from imgpipe.pictures.preview import Preview


@_picture_options.accepted
def command(
    ctx: typer.Context,
    photos: Annotated[
        list[Path], typer.Argument(help="Pictures, and directories of them.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Directory for the results; earlier results in it are replaced.",
            show_default="a temporary one, shown in the viewer",
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="none, or web: thumb, medium and large, each as WebP and JPEG.",
            show_default=False,
        ),
    ] = None,
    **options: object,
) -> None:
    """The renditions are those of imgpipe.toml.

    Each option below takes the place of that setting in every rendition.
    """
    if out is None:
        _require_viewer()
    from imgpipe.pictures import preview
    from imgpipe.render import preview as render
    from imgpipe.settings.overrides import overlaid

    chosen, screen = _context.settings(ctx, preset=preset)
    settings = overlaid(chosen, options)
    files = preview.sources(photos, out)
    folder = out or Path(tempfile.mkdtemp(prefix="imgpipe-preview-"))
    preview.prepare(folder)
    previews = list(render.narrated(preview.previews(files, settings, folder), len(files), screen))
    screen.show(render.VIEW, previews)
    for note in render.notes(previews, folder):
        screen.say(note)
    if out is None and not _opened(previews, folder):
        screen.say("No viewer was found; open them by hand.")
    preview.raise_for_failures(previews)


def _require_viewer() -> None:
    if not sys.stdout.isatty():
        raise UsageError(
            "there is no terminal, so nobody would see the results in a viewer",
            hint="name a directory for them",
            next=("preview ... -o DIR",),
        )


def _opened(previews: Sequence[Preview], folder: Path) -> bool:
    """Open the one result, or the folder of several, in the system's own viewer."""
    results = [result.path for preview in previews for result in preview.results]
    if not results:
        return True
    return typer.launch(str(results[0] if len(results) == 1 else folder)) == 0
