"""``imgpipe preview``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context, _picture_options
from imgpipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

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
            help="none, or web: thumb, medium and large, each as WebP and JPEG.", show_default=False
        ),
    ] = None,
    **options: object,
) -> None:
    """Show what would become of pictures, here, without AWS.

    The renditions are those of imgpipe.toml. Each option below takes the place of that setting in every rendition.
    """
    if out is None:
        _check_somebody_watches()
    from imgpipe.pictures import preview
    from imgpipe.render import preview as render
    from imgpipe.settings.overrides import overlaid

    settings = overlaid(_context.settings(ctx, preset=preset), options)
    chosen = preview.sources(photos, out)
    folder = out or Path(tempfile.mkdtemp(prefix="imgpipe-preview-"))
    preview.prepare(folder)
    found = render.narrated(preview.previews(chosen, settings, folder), len(chosen), settings)
    render.done(found, folder, settings)
    if out is None:
        _show(found, folder)
    preview.succeeded(found)


def _check_somebody_watches() -> None:
    if not sys.stdout.isatty():
        hint = "name a directory for them: imgpipe preview ... -o DIR"
        raise UsageError(
            "there is no terminal, so nobody would see the results in a viewer", hint=hint
        )


def _show(found: Sequence[Preview], folder: Path) -> None:
    """Open the one result, or the folder of several, in the system's own viewer; it is not waited for."""
    results = [result.path for preview in found for result in preview.results]
    if results and typer.launch(str(results[0] if len(results) == 1 else folder)):
        typer.echo("No viewer was found; open them by hand.", err=True)
