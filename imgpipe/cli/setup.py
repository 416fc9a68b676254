"""``imgpipe setup``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import confirmed, on_terminal, spelled

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline
    from imgpipe.pipeline.deployment import Seen
    from imgpipe.render._screen import Screen

_QUESTION = "Pictures will come out otherwise. Go on?"


def command(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")
    ] = False,
    reset: Annotated[
        bool,
        typer.Option(
            "--reset", help="Let defaults take the place of live settings that nobody here names."
        ),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Do not ask, even if pictures will come out otherwise."),
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
    alarms: Annotated[
        str | None,
        typer.Option(
            metavar="EMAIL",
            help="Write there when pictures fail for good, tries fail or wait, or a day passes "
            "daily_budget. Four alarms; an account's first ten are free. none takes them away.",
            show_default=False,
        ),
    ] = None,
    domain: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Serve the pictures under this name of yours, too: requests a certificate, and "
            "makes the DNS records where Route 53 has the domain. none takes it away.",
            show_default=False,
        ),
    ] = None,
    certificate_arn: Annotated[
        str | None,
        typer.Option(
            metavar="ARN",
            help="Use this certificate for the domain, of ACM in us-east-1, instead of requesting "
            "one. It is never deleted.",
            show_default=False,
        ),
    ] = None,
    pillow_layer_arn: Annotated[
        str | None,
        typer.Option(
            help="Use this Lambda layer for Pillow instead of building one.", show_default=False
        ),
    ] = None,
    jpeg_xl: Annotated[
        bool | None,
        typer.Option(
            "--jpeg-xl/--no-jpeg-xl",
            help="Read JPEG XL, too: the layer gets libjxl (BSD licence), 2 MB more; a start takes "
            "no longer, as it is loaded with the first such picture.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run it as often as you like: what is as it should be is left alone.

    Settings that change are shown, old -> new. What is live, and nobody here names, stays: see
    imgpipe config pull.
    """
    pipeline, screen = _context.connected(
        ctx,
        tags=tag,
        adopt=adopt or None,
        protect=protect,
        alarms=alarms,
        domain=domain,
        certificate_arn=certificate_arn,
        pillow_layer_arn=pillow_layer_arn,
        jpeg_xl=jpeg_xl,
    )
    again = spelled(
        "setup",
        reset=reset or None,
        tag=tag,
        adopt=adopt,
        protect=protect,
        alarms=alarms,
        domain=domain,
        certificate_arn=certificate_arn,
        pillow_layer_arn=pillow_layer_arn,
        jpeg_xl=jpeg_xl,
    )
    from imgpipe.aws import distributions
    from imgpipe.engine.graph import finals
    from imgpipe.pipeline import deployment, own_domain, pausing, remarks
    from imgpipe.pipeline.again import advice
    from imgpipe.render import pause
    from imgpipe.render import setup as render

    for note in deployment.require_role_fits(pipeline):
        screen.say(f"Note: {note}")
    if dry_run:
        _show_plan(pipeline, screen, again, reset=reset)
        return
    seen = _agreed(pipeline, screen, reset=reset, yes=yes)
    if seen is None:
        screen.say("Nothing was changed.")
        return
    walk = deployment.setup(pipeline, seen)
    events = list(finals(render.narrated(seen.resources, walk, screen)))
    deployment.raise_for_failures(events, again)
    outputs = deployment.outputs(pipeline, events)
    done = deployment.Deployed(events, outputs, seen.changes)
    if wait:
        with screen.progress(*render.WAITING) as progress:
            progress.add_task("Waiting for CloudFront to serve everywhere (3 to 15 minutes)")
            distributions.wait_deployed(pipeline.aws, done.outputs.distribution_id)
    for remark in render.remarks(done, remarks.remarks(pipeline, events)):
        screen.say(remark)
    left, to_make = advice(pipeline, events), own_domain.to_make(pipeline, events)
    screen.show(render.VIEW, render.Done(done, left, to_make))
    for told in render.left(left):
        screen.say(f"{told}.")
    for line in render.records_to_make(to_make, screen.side_paper):
        screen.say(line)
    if to_make:
        screen.next(again)
    elif paused := pausing.told_since({each.resource: each.live for each in events if each.live}):
        screen.say(pause.sentence(paused))
        screen.next("resume")
    else:
        screen.next(*(each.command for each in left), "upload photo.jpg")


def _show_plan(pipeline: Pipeline, screen: Screen, again: str, *, reset: bool) -> None:
    from imgpipe.pipeline import deployment, live
    from imgpipe.render import setup as render

    deployment.require_assets(pipeline)
    plan = deployment.plan(pipeline)
    screen.show(render.PLAN, plan)
    error = live.refusal(pipeline.settings, plan.changes)
    if error and not reset:
        screen.say(f"\nA setup would refuse. Nobody here named all of these: {error.hint}.")
        screen.next(*error.next)
    else:
        screen.say("\nNothing was changed. To do it:")
        screen.next(again)


def _agreed(pipeline: Pipeline, screen: Screen, *, reset: bool, yes: bool) -> Seen | None:
    """Show what changes of the settings; return what stands, or ``None`` if somebody says no."""
    from imgpipe.pipeline import deployment, live
    from imgpipe.render import setup as render

    seen = deployment.look(pipeline)
    for line in render.changes(seen.changes, seen.leaving, screen.side_paper):
        screen.say(line)
    error = live.refusal(pipeline.settings, seen.changes)
    if error and not reset:
        raise error
    otherwise = any(change.of_pictures for change in seen.changes)
    if yes or not otherwise or not on_terminal():
        return seen
    # While somebody thinks, others may do something: what stands is looked at anew.
    return deployment.look(pipeline) if confirmed(_QUESTION, "setup --yes") else None
