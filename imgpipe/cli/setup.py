"""``imgpipe setup``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import spelled


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
    adopt: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BUCKET",
            help="Use this bucket though it was there before, as source_bucket or "
            "destination_bucket names it; a teardown gives it back. Repeatable.",
            show_default=False,
        ),
    ] = None,
    protect: Annotated[
        bool | None,
        typer.Option(
            "--protect/--no-protect",
            help="Refuse every teardown, from anywhere, until --no-protect.",
            show_default=False,
        ),
    ] = None,
    pillow_layer_arn: Annotated[
        str | None,
        typer.Option(
            help="Use this Lambda layer for Pillow instead of building one.", show_default=False
        ),
    ] = None,
) -> None:
    """Run it as often as you like: what is as it should be is left alone."""
    pipeline, screen = _context.connected(
        ctx, tags=tag, adopt=adopt or None, protect=protect, pillow_layer_arn=pillow_layer_arn
    )
    again = spelled("setup", "--adopt", adopt)
    from imgpipe.engine.graph import finals
    from imgpipe.pipeline import deployment
    from imgpipe.render import setup as render

    for note in deployment.require_role_fits(pipeline):
        screen.say(f"Note: {note}")
    if dry_run:
        deployment.require_assets(pipeline)
        screen.show(render.PLAN, deployment.plan(pipeline))
        screen.say("\nNothing was changed.")
        screen.next(again)
        return
    events = list(finals(render.narrated(deployment.setup(pipeline), screen)))
    deployment.raise_for_failures(events, again)
    done = deployment.Deployed(events, deployment.outputs(pipeline, events))
    if wait:
        with screen.progress(*render.WAITING) as progress:
            progress.add_task("Waiting for CloudFront to serve everywhere (3 to 15 minutes)")
            deployment.wait(pipeline.aws, done.outputs.distribution_id)
    for remark in render.remarks(done, deployment.remarks(pipeline, events)):
        screen.say(remark)
    screen.show(render.VIEW, done)
    screen.next("upload photo.jpg")
