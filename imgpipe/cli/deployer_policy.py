"""``imgpipe deployer-policy``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from imgpipe.cli import _context


class Purpose(StrEnum):
    """The core's purposes, which the command line must know before it loads that."""

    SETUP = "setup"
    UPLOAD = "upload"
    INSPECT = "inspect"
    TEARDOWN = "teardown"


def command(
    ctx: typer.Context,
    purposes: Annotated[
        list[Purpose] | None,
        typer.Option("--for", help="Only for this; may be repeated.", show_default="all of them"),
    ] = None,
) -> None:
    """For the person or the CI role that runs imgpipe with these settings.

    Scoped to this pipeline wherever AWS lets it be. Nothing is looked at but whose account it is.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pipeline import deployer_policy
    from imgpipe.render import deployer_policy as render

    chosen = [deployer_policy.Purpose(each) for each in purposes or deployer_policy.Purpose]
    document = deployer_policy.policy(pipeline, chosen)
    screen.show(render.VIEW, render.Deployer(chosen, document))
    for note in render.notes(document):
        screen.say(note)
