"""``imgpipe teardown``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import UsageError

if TYPE_CHECKING:
    from imgpipe.cli._context import Connected


def command(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be deleted, and delete nothing.")
    ] = False,
) -> None:
    """Take it all away: objects, rows, resources and logs. Waits for CloudFront (3 to 15 minutes)."""
    here = _context.connected(ctx)
    from imgpipe.pipeline import deployment, status
    from imgpipe.render import teardown as render

    inventory = status.inventory(here.settings, here.names, here.aws)
    render.inventory(inventory, here.settings)
    if dry_run or not (inventory.resources and (yes or _agreed(here))):
        render.untouched(inventory, here.settings)
        return
    events = render.narrated(
        deployment.teardown(here.settings, here.names, here.aws), here.settings
    )
    deployment.succeeded(events, "teardown")
    render.done(events, status.proof(here.settings, here.names, here.aws), here.settings)


def _agreed(here: Connected) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            "teardown asks before it deletes, and there is no terminal to ask on",
            hint="if you mean it",
            next=("teardown --yes",),
        )
    return typer.confirm(
        f"Delete all of this from account {here.aws.account}, {here.aws.region}?",
        default=False,
        err=True,
    )
