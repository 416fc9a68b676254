"""``imgpipe teardown``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import confirmed, spelled


def command(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be deleted, and delete nothing.")
    ] = False,
    keep_backup: Annotated[
        bool | None,
        typer.Option(
            "--keep-backup",
            help="Let DynamoDB keep a backup of the table for 35 days.",
            show_default=False,
        ),
    ] = None,
    retain: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[source|destination|table|none]",
            help="Keep this, with all that is in it; repeatable. Overrules imgpipe.toml.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Names what would go, and asks; waits for CloudFront (3 to 15 minutes)."""
    pipeline, screen = _context.connected(ctx, retain=retain or None, keep_backup=keep_backup)
    again = spelled("teardown", retain=retain, keep_backup=keep_backup or None)
    from imgpipe.engine.graph import finals
    from imgpipe.pipeline import deployment, inventory
    from imgpipe.render import teardown as render

    standing = inventory.inventory(pipeline)
    for line in render.standing(standing, screen.side_paper):
        screen.say(line)
    question = f"Delete all of this from account {standing.account}, {standing.region}?"
    if dry_run or not standing.leaving or not (yes or confirmed(question, f"{again} --yes")):
        screen.show(render.UNTOUCHED, standing)
        screen.say("Nothing was deleted.")
        return
    walk = deployment.teardown(pipeline)
    events = list(finals(render.narrated(standing.resources, walk, screen)))
    deployment.raise_for_failures(events, again)
    done = inventory.TornDown(events, inventory.proof(pipeline, standing.given_back))
    screen.show(render.VIEW, done)
    for remark in render.proof(done.proof):
        screen.say(remark)
