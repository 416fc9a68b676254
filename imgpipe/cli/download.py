"""``imgpipe download``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import spelled
from imgpipe.cli._keys import Keys
from imgpipe.errors import InterruptedRunError, UsageError

if TYPE_CHECKING:
    from imgpipe.pictures.download import Downloaded
    from imgpipe.pictures.homes import Folder
    from imgpipe.pictures.remote import Missing, Remote
    from imgpipe.pipeline import Pipeline
    from imgpipe.render._screen import Screen


def command(
    ctx: typer.Context,
    keys: Keys = None,
    prefix: Annotated[
        str, typer.Option(help="All pictures whose originals' keys begin so.", show_default=False)
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every picture.")] = False,
    original: Annotated[
        bool, typer.Option("--original", help="The originals, not what was made of them.")
    ] = False,
    to: Annotated[Path, typer.Option(help="The folder that they go into.")] = Path(),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files of other content.")
    ] = False,
) -> None:
    """A key becomes a path below the folder; what is there already is left as it is.

    A result's key or address means that one alone. Interrupted, it is gone on with by the same
    command: nothing half-written has a picture's name.
    """
    if [bool(keys), bool(prefix), everything].count(True) != 1:
        raise UsageError(
            "download takes the keys of pictures, or --prefix, or --all", next=("download --help",)
        )
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pictures import download
    from imgpipe.render import _portions
    from imgpipe.render import download as render

    folder = _folder(to)
    with screen.progress() as progress:
        progress.add_task(render.LOOKING)
        wanted = _wanted(pipeline, keys or (), prefix, originals=original)
    screen.say(render.announced(wanted, to))
    again = spelled(
        "download",
        prefix=prefix or None,
        all=everything or None,
        original=original or None,
        to=str(to),
        overwrite=overwrite or None,
    )
    again = shlex.join([*shlex.split(again), *(keys or ())])
    done = _portions.portions(
        _brought(pipeline, screen, folder, wanted, again, overwrite=overwrite), attrgetter("key")
    )
    with closing(screen.portions(render.VIEW, done)) as shown:
        download.raise_for_failures(chain.from_iterable(shown))


def _folder(to: Path) -> Folder:
    from imgpipe.pictures.homes import Folder

    try:
        return Folder.at(to)
    except OSError as error:
        raise UsageError(
            f"{to} cannot be written into: {error.strerror}", hint="name another folder with --to"
        ) from None


def _wanted(
    pipeline: Pipeline, keys: Sequence[str], prefix: str, *, originals: bool
) -> Sequence[Remote | Missing]:
    from imgpipe.pictures import named, remote
    from imgpipe.pipeline.places import stores

    home = remote.Home(pipeline.names.source_bucket, stores(pipeline), originals)
    if not keys:
        return remote.beneath(pipeline.aws, home, prefix)
    found = remote.called(pipeline.aws, home, list(dict.fromkeys(keys)))
    unknown = [each.key for each in found if isinstance(each, remote.Missing) and each.unknown]
    if len(unknown) == len(found):
        raise named.unknown(unknown)
    return found


def _brought(
    pipeline: Pipeline,
    screen: Screen,
    folder: Folder,
    wanted: Sequence[Remote | Missing],
    again: str,
    *,
    overwrite: bool,
) -> Iterator[Downloaded]:
    """Bring them home, with the progress on ``screen``; yield what became of each."""
    from imgpipe.pictures import download
    from imgpipe.render import download as render

    told = download.download(pipeline.aws, folder, wanted, overwrite=overwrite)
    try:
        yield from render.under_way(told, len(wanted), screen)
    except KeyboardInterrupt:
        hint = "what is here stays, and what was begun is gone on with by"
        raise InterruptedRunError("interrupted", hint=hint, next=(again,)) from None
