"""``imgpipe rotate``."""

from __future__ import annotations

from typing import Annotated

import typer

from imgpipe.cli import _context
from imgpipe.cli._confirm import confirmed


def command(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Addresses signed with the key before last are refused from then on. Twice forgets a key.

    The keys are secrets: none is shown. It takes [delivery] signing = true.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.aws import signing_keys
    from imgpipe.errors import NotSetUpError
    from imgpipe.render import rotate as render
    from imgpipe.settings.delivery_table import switching_on

    store = signing_keys.store_of(pipeline.aws, pipeline.names.edge_function)
    if not store:
        command = switching_on(pipeline.settings.delivery, "signing")
        raise NotSetUpError("no addresses are signed here yet", hint="switch it on", next=command)
    rotated = yes or confirmed(render.QUESTION, "rotate --yes")
    if rotated:
        signing_keys.rotate(pipeline.aws, store)
    screen.show(render.VIEW, rotated)
