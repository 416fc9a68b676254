"""``imgpipe rm``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import confirmed, spelled
from imgpipe.cli._keys import Keys
from imgpipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgpipe.pictures.removal import Picture, Removed, Remover
    from imgpipe.pipeline import Pipeline
    from imgpipe.render._screen import Screen

# The page follows within seconds, and CloudFront's edges within a minute or two, as a rule.
PATIENCE_SECONDS = 300


def command(
    ctx: typer.Context,
    keys: Keys = None,
    prefix: Annotated[
        str, typer.Option(help="All originals whose keys begin so.", show_default=False)
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be deleted, and delete nothing.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until page and CDN show none of it.")
    ] = True,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds after which to stop waiting.")
    ] = PATIENCE_SECONDS,
) -> None:
    """Original, results and rows go, even while the pipeline is paused; page and CDN follow.

    Interrupted, it is finished by the same command.
    """
    if bool(keys) == bool(prefix):
        raise UsageError(
            "rm takes the keys of pictures, or --prefix", next=("list-metadata", "rm --help")
        )
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pictures import removal
    from imgpipe.pipeline import places
    from imgpipe.render import rm as render

    remover = places.remover(pipeline)
    with screen.progress() as progress:
        progress.add_task("Looking for results and rows")
        pictures, unknown = _found(pipeline, remover, keys or (), prefix)
        kept = removal.versions(pipeline.aws, remover.source_bucket, pictures)
    for line in render.summary(pictures, unknown, kept):
        screen.say(line)
    again = " ".join([spelled("rm", prefix=prefix or None), *map(shlex.quote, keys or ()), "--yes"])
    question = f"Delete {render.counted(pictures)}?"
    if dry_run or not pictures or not (yes or confirmed(question, again)):
        screen.show(render.FOUND, pictures)
        screen.say("Nothing was deleted.")
        return
    done = _removed(pipeline, screen, remover, pictures)
    if wait:
        done = _followed(pipeline, screen, done, timeout)
    ended = sorted([*done, *render.unknown(unknown)], key=lambda each: each.picture.key)
    screen.show(render.VIEW, ended)
    removal.raise_for_failures(ended)


def _found(
    pipeline: Pipeline, remover: Remover, keys: Sequence[str], prefix: str
) -> tuple[Sequence[Picture], Sequence[str]]:
    """Return what stands of the pictures that are meant, and the names that mean none.

    Raises:
        UsageError: all of the names mean none.
    """
    from imgpipe.pictures import named, removal
    from imgpipe.pipeline.places import places

    if prefix:
        return removal.beneath(pipeline.aws, remover, places(pipeline), prefix), ()
    pictures, unknown = removal.find(pipeline.aws, remover, list(dict.fromkeys(keys)))
    if not pictures:
        raise named.unknown(unknown)
    return pictures, unknown


def _removed(
    pipeline: Pipeline, screen: Screen, remover: Remover, pictures: Sequence[Picture]
) -> list[Removed]:
    from imgpipe.pictures import removal
    from imgpipe.render import rm as render

    done = removal.remove(pipeline.aws, remover, pictures)
    return list(render.under_way("Deleting", done, len(pictures), screen))


def _followed(
    pipeline: Pipeline, screen: Screen, done: Sequence[Removed], seconds: float
) -> list[Removed]:
    """Wait until no visitor sees what is gone; return what became of all."""
    from imgpipe.pictures import vanishing
    from imgpipe.pictures.removal import Fate
    from imgpipe.pipeline.places import own_name
    from imgpipe.render import rm as render

    gone = [each for each in done if each.fate is Fate.REMOVED]
    others = [each for each in done if each.fate is not Fate.REMOVED]
    public = vanishing.Public(pipeline.names.destination_bucket, own_name(pipeline))
    followed = vanishing.follow(pipeline.aws, public, gone, seconds)
    return [*others, *render.under_way("Waiting for page and CDN", followed, len(gone), screen)]
