"""``imgpipe cost``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import CredentialsError, UsageError

if TYPE_CHECKING:
    from imgpipe.costs.estimate import Setting
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
            help="Megapixels of each original; JPEGs.",
            show_default="12",
        ),
    ] = None,
    views: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Estimate so many views of renditions on demand; no account is asked.",
            show_default=False,
        ),
    ] = None,
    misses: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=100,
            metavar="PERCENT",
            help="For so many in a hundred views a rendition is made.",
            show_default="1, 5 and 20",
        ),
    ] = None,
) -> None:
    """At list prices, without the free tier; from metrics that cost nothing to ask for."""
    _check(pictures, views, size, misses)
    if pictures:
        _pictures(*_context.settings(ctx), pictures, size or _MEGAPIXELS)
    elif views:
        _views(*_context.settings(ctx), views, size or _MEGAPIXELS, misses)
    else:
        _so_far(ctx)


def _check(
    pictures: int | None, views: int | None, size: float | None, misses: float | None
) -> None:
    if pictures and views:
        raise UsageError("--pictures and --views are two estimates", hint="ask for one at a time")
    if size and not pictures and not views:
        raise UsageError(
            "--size goes with --pictures or --views", hint="say how many: --pictures 100000"
        )
    if misses is not None and not views:
        raise UsageError("--misses goes with --views", hint="say how many: --views 1000000")


def _pictures(chosen: Settings, screen: Screen, pictures: int, megapixels: float) -> None:
    from imgpipe.costs.estimate import estimate
    from imgpipe.render import cost as render

    region = _region(chosen)
    setting, known = _reckoned(chosen, chosen.memory, region)
    renditions = len(chosen.recipe.renditions)
    screen.show(render.ESTIMATE, estimate(pictures, megapixels, renditions, setting, known))
    _note(screen, region)


def _views(
    chosen: Settings, screen: Screen, count: int, megapixels: float, misses: float | None
) -> None:
    from imgpipe.costs import views
    from imgpipe.render import cost as render

    region = _region(chosen)
    setting, known = _reckoned(chosen, chosen.delivery.memory, region)
    shares = views.MISSES if misses is None else (misses,)
    screen.show(render.VIEWS, views.views(count, megapixels, shares, setting, known))
    _note(screen, region)


def _reckoned(chosen: Settings, memory: int, region: str) -> tuple[Setting, str]:
    """Return what is reckoned with, and the region whose prices these are."""
    from imgpipe.costs import prices
    from imgpipe.costs.estimate import Setting
    from imgpipe.pipeline.page import PAGE_MEMORY_MB

    known = prices.prices_in(region or prices.FALLBACK)
    return Setting(memory, PAGE_MEMORY_MB, chosen.architecture, known.prices), known.region


def _note(screen: Screen, region: str) -> None:
    from imgpipe.costs import prices
    from imgpipe.render import cost as render

    unset = "no region is set: these are the prices of us-east-1"
    for note in render.notes(prices.note(region, prices.prices_in(region)) if region else unset):
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
    _note(screen, pipeline.aws.region)
    if pipeline.aws.endpoint_url:
        screen.say("Nothing of this is paid: it is not AWS that answers here.")
