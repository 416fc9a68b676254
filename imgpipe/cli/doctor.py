"""``imgpipe doctor``."""

from __future__ import annotations

import typer

from imgpipe.cli import _context
from imgpipe.errors import ImgpipeError, PartialError


def command(ctx: typer.Context) -> None:
    """Look at every link of the chain, try every door as a stranger, and read the quotas.

    Nothing is changed; the function is started once, on nothing. Exit code 1: something is wrong;
    4: nothing is, and something could not be looked at.
    """
    pipeline, screen = _context.connected(ctx)
    from imgpipe.pipeline.doctor import Verdict, examine
    from imgpipe.render import doctor as render

    found = examine(pipeline)
    screen.show(render.VIEW, found)
    wrong = [each for each in found if each.verdict is Verdict.WRONG]
    unknown = [each for each in found if each.verdict is Verdict.UNKNOWN]
    if wrong:
        fixes = dict.fromkeys(command for each in wrong for command in each.probe.next)
        raise ImgpipeError(
            f"{len(wrong)} of {len(found)} probes found something wrong",
            hint="" if fixes else "the fixes stand above",
            next=tuple(fixes),
        )
    if unknown:
        raise PartialError(
            f"{len(unknown)} of {len(found)} probes could not look",
            hint="ask for what they name, or use another --profile",
        )
