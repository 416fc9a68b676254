"""``imgpipe setup``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context


def command(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")
    ] = False,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Wait until CloudFront serves everywhere (3 to 15 minutes)."),
    ] = False,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            help="Further tag KEY=VALUE for every resource; repeatable.", show_default=False
        ),
    ] = None,
    pillow_layer_arn: Annotated[
        str | None,
        typer.Option(
            help="Use this Lambda layer for Pillow instead of building one.", show_default=False
        ),
    ] = None,
) -> None:
    """Put the pipeline into the account, or bring it up to date. Run it as often as you like."""
    here = _context.connected(ctx, tags=tag, pillow_layer_arn=pillow_layer_arn)
    from imgpipe.pipeline import deployment
    from imgpipe.render import setup as render

    if dry_run:
        render.plan(deployment.plan(here.settings, here.names, here.aws), here.settings)
        return
    events = render.narrated(deployment.setup(here.settings, here.names, here.aws), here.settings)
    deployment.succeeded(events, "setup")
    outputs = deployment.outputs(here.settings, here.names, here.aws)
    if wait:
        render.waiting(lambda: deployment.wait(here.aws, outputs), here.settings)
    render.done(events, outputs, deployment.remarks(here.settings), here.settings)
