"""``imgpipe status``."""

from __future__ import annotations

import typer

from imgpipe.cli import _context


def command(ctx: typer.Context) -> None:
    """In sync: a setup would change nothing. The function is started once, on nothing.

    Ends with 1 where a resource cannot be looked at, or the function does not start.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pipeline import live, status
    from imgpipe.render import status as render
    from imgpipe.settings import assets

    health = status.health(pipeline)
    screen.show(render.VIEW, health)
    missing = assets.missing(pipeline.settings.assets)
    for note in render.notes(health, missing, screen.spelled, screen.side_paper):
        screen.say(note)
    if health.failures_waiting:
        screen.next("failures")
    if health.paused_since:
        screen.next("resume")
    elif health.differences:
        screen.next("reconcile")
    if error := live.refusal(pipeline.settings, health.changes):
        screen.say(f"\nNobody here named all of these: {error.hint}.")
        screen.next(*error.next)
    elif not health.in_sync:
        screen.next("setup --dry-run", "setup")
    for note in render.notes_on_jobs(health):
        screen.say(note)
    status.require_sound(health)
