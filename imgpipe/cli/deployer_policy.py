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
    part: Annotated[
        int | None,
        typer.Option(
            min=1, help="Only this, of a policy too large for one.", show_default="all of it"
        ),
    ] = None,
    former_domain: Annotated[
        str,
        typer.Option(
            metavar="DOMAIN",
            help="The domain so far, whose records a setup takes away.",
            show_default=False,
        ),
    ] = "",
) -> None:
    """For the person or the CI role that runs imgpipe with these settings.

    Scoped to this pipeline wherever AWS lets it be. Nothing is looked at but whose account it is.
    A managed policy may have 6,144 characters: what is larger is to be printed part by part.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.aws import actions
    from imgpipe.pipeline import deployer_policy
    from imgpipe.render import deployer_policy as render

    chosen = [deployer_policy.Purpose(each) for each in purposes or deployer_policy.Purpose]
    whole = deployer_policy.policy(pipeline, chosen, former_domain)
    deployer = render.Deployer(chosen, actions.part(whole, part), actions.parts(whole))
    screen.show(render.VIEW, deployer)
    for note in render.notes(deployer):
        screen.say(note)
