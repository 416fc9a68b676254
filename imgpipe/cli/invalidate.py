"""``imgpipe invalidate``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import confirmed
from imgpipe.errors import InterruptedRunError, NotSettledError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgpipe.pictures.forgetting import Invalidation
    from imgpipe.pipeline import Pipeline
    from imgpipe.render._screen import Screen

# Seconds as a rule, minutes now and then.
PATIENCE_SECONDS = 900


def command(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Paths such as '/2026/*', or keys of originals or results, or addresses; without"
            " any: everything.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show which paths it would be, and forget nothing.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until every edge forgot.")
    ] = True,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds after which to stop waiting.")
    ] = PATIENCE_SECONDS,
) -> None:
    """What is replaced or removed is forgotten by itself: this is for what was changed by hand.

    An original's key means all that was made of it. Says before what costs something, and asks
    before everything is forgotten.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe import cdn
    from imgpipe.pictures import forgetting
    from imgpipe.render import invalidate as render

    found = cdn.find(pipeline.aws, pipeline.names.distribution)
    planned = _planned(pipeline, paths or [], found.patterns)
    screen.say(render.announced(planned))
    question = render.question(planned)
    again = shlex.join(["invalidate", *(paths or []), "--yes"])
    if dry_run or (question and not (yes or confirmed(question, again))):
        screen.show(render.VIEW, planned)
        screen.say(render.NOTHING)
        return
    begun = forgetting.begin(pipeline.aws, found.id, planned.paths)
    ended = _followed(pipeline, screen, found.id, begun, timeout) if wait else begun
    screen.show(render.VIEW, ended)
    if wait and not ended.completed:
        raise NotSettledError(
            f"not every edge forgot within {timeout:.0f} s", hint="the rest will by themselves"
        )


def _planned(pipeline: Pipeline, names: list[str], patterns: Sequence[str]) -> Invalidation:
    from imgpipe.pictures import forgetting
    from imgpipe.pipeline.places import stores

    source = pipeline.names.source_bucket
    found = forgetting.meant(pipeline.aws, source, stores(pipeline), names, patterns)
    return forgetting.Invalidation(found)


def _followed(
    pipeline: Pipeline, screen: Screen, distribution: str, begun: Invalidation, seconds: float
) -> Invalidation:
    from imgpipe.pictures import forgetting
    from imgpipe.render import invalidate as render

    try:
        with screen.progress() as progress:
            progress.add_task(render.WAITING)
            return forgetting.follow(pipeline.aws, distribution, begun, seconds)
    except KeyboardInterrupt:
        hint = f"{begun.id} goes on by itself"
        raise InterruptedRunError("interrupted", hint=hint) from None
