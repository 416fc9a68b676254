"""``imgpipe url``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from imgpipe.cli import _context
from imgpipe.cli._since import until
from imgpipe.errors import UsageError

_Option = typer.Option


def command(
    ctx: typer.Context,
    key: Annotated[
        str,
        typer.Argument(metavar="KEY", help="Key of the original.", show_default=False),
    ],
    width: Annotated[int | None, _Option(min=1, help="Width in pixels, rounded up.")] = None,
    height: Annotated[int | None, _Option(min=1, help="Height in pixels, rounded up.")] = None,
    fit: Annotated[
        str | None, _Option(help="With --height: inside, cover, pad or stretch.")
    ] = None,
    gravity: Annotated[
        str | None, _Option(help="With --fit cover: what stays, as north, center or attention.")
    ] = None,
    image_format: Annotated[
        str | None,
        _Option(
            "--format",
            help="A format, or auto: the best that the browser takes.",
            show_default="auto",
        ),
    ] = None,
    quality: Annotated[int | None, _Option(min=1, max=100, help="Quality, rounded up.")] = None,
    dpr: Annotated[
        float | None, _Option(min=1, max=3, help="Device pixels: multiplies width and height.")
    ] = None,
    rendition: Annotated[str | None, _Option(help="A [[rendition]] instead of [picture].")] = None,
    srcset: Annotated[
        bool, _Option("--srcset", help="Print a whole <img> with every width there may be.")
    ] = False,
    sizes: Annotated[
        str, _Option(help="With --srcset: how wide the page shows it, as HTML's sizes.")
    ] = "100vw",
    expires: Annotated[
        str | None, _Option(help="With signed addresses: how long they hold, as 90m or 30d.")
    ] = None,
    alt: Annotated[str, _Option(help="With --srcset: what it shows, for who cannot see it.")] = "",
) -> None:
    """At the CDN, which makes it when it is first asked for. It takes [delivery] enabled = true.

    Nothing is looked at but where the CDN is.
    """
    words: dict[str, Any] = {
        "width": width, "height": height, "fit": fit, "gravity": gravity,
        "format": image_format, "quality": quality, "dpr": dpr and f"{dpr:g}",
        "rendition": rendition,
    }  # fmt: skip
    words = {name: value for name, value in words.items() if value is not None}
    if srcset and width:
        raise UsageError("--srcset has every width", hint="leave out --width, or --srcset")
    pipeline, screen = _context.connected(ctx)
    from imgpipe.edge import address, signature
    from imgpipe.render import url as render
    from imgpipe.settings.delivery_table import switching_on

    settings, named = pipeline.settings.delivery, pipeline.settings.domain
    names = pipeline.names
    place = address.Place.of(pipeline.aws, names.distribution, names.edge_function, settings, named)
    if expires is not None:
        words[signature.EXPIRES] = _until(expires, place.secret, switching_on(settings, "signing"))
    found = address.one(place, key, words)
    if srcset:
        found = address.every(place, key, words, settings.widths)
    screen.show(render.VIEW, replace(found, sizes=sizes, alt=alt))
    for sentence in address.rounded(words, settings, pipeline.settings.recipe):
        screen.say(f"Note: {sentence}.")


def _until(text: str, secret: str, towards_signing: tuple[str, ...]) -> int:
    """Return the second since 1970 until which a signed address holds."""
    if not secret:
        raise UsageError(
            "addresses are not signed here, and an unsigned one holds for good",
            next=towards_signing,
        )
    return int(until(text).timestamp())
