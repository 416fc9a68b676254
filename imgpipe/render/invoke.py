"""What invoke shows: the function's log on stderr, its result on stdout."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from imgpipe.render._screen import narration, print_json
from imgpipe.render.logs import text

if TYPE_CHECKING:
    from imgpipe.function.invoke import Invocation
    from imgpipe.settings import Settings


def invocation(found: Invocation, settings: Settings) -> None:
    """Print what the function said and returned."""
    if settings.output == "json":
        print_json(asdict(found))
        return
    talk = narration(quiet=settings.quiet)
    for line in found.log:
        talk.print(text(line))
    talk.print(f"{'Failed' if found.failed else 'Returned'} after {found.seconds:.2f} s:")
    print_json(found.result)
