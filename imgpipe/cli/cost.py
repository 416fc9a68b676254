"""``imgpipe cost``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import CredentialsError, UsageError

if TYPE_CHECKING:
    from imgpipe.render._screen import Screen
    from imgpipe.settings import Settings

_MEGAPIXELS = 12.0


def command(
    ctx: typer.Context,
    pictures: Annotated[
        int | None,
        typer.Option(
            min=1, help="Estimate what so many would cost; no account is asked.", show_default=False
        ),
    ] = None,
    size: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=1000,
            metavar="MP",
            help="Megapixels of each of those; JPEGs.",
            show_default="12",
        ),
    ] = None,
) -> None:
    """At list prices, without the free tier; from metrics that cost nothing to ask for."""
    if size and not pictures:
        raise UsageError("--size goes with --pictures", hint="say how many: --pictures 100000")
    if pictures:
        chosen, screen = _context.settings(ctx)
        _estimate(chosen, screen, pictures, size or _MEGAPIXELS)
    else:
        _so_far(ctx)


def _estimate(chosen: Settings, screen: Screen, pictures: int, megapixels: float) -> None:
    from imgpipe.costs import estimate, prices
    from imgpipe.pipeline.page import PAGE_MEMORY_MB
    from imgpipe.render import cost as render

    region = _region(chosen)
    known = prices.prices_in(region or prices.FALLBACK)
    setting = estimate.Setting(chosen.memory, PAGE_MEMORY_MB, chosen.architecture, known.prices)
    renditions = len(chosen.recipe.renditions)
    found = estimate.estimate(pictures, megapixels, renditions, setting, known.region)
    screen.show(render.ESTIMATE, found)
    unset = "no region is set: these are the prices of us-east-1"
    for note in render.notes(prices.note(region, known) if region else unset):
        screen.say(note)


def _region(chosen: Settings) -> str:
    """Return the region that a setup from here would go to; empty where none is set."""
    from imgpipe.aws import account

    region = chosen.region or os.environ.get("AWS_REGION")
    try:
        return account.connect(profile=chosen.profile or None, region=region or None).region
    except CredentialsError:
        return region or ""


def _so_far(ctx: typer.Context) -> None:
    from datetime import UTC, datetime

    pipeline, screen = _context.connected(ctx)
    from imgpipe.costs import prices
    from imgpipe.pipeline import bill, usage
    from imgpipe.render import cost as render

    known = prices.prices_in(pipeline.aws.region)
    setting = usage.deployed(pipeline, known.prices)
    used = usage.usage(pipeline, datetime.now(UTC))
    screen.show(render.VIEW, bill.Month(used.now, known.region, bill.month(used, setting)))
    for note in render.notes(prices.note(pipeline.aws.region, known)):
        screen.say(note)
    if pipeline.aws.endpoint_url:
        screen.say("Nothing of this is paid: it is not AWS that answers here.")
