"""What the demonstration says between its steps, and how to go on from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgpipe.render._screen import data, human_bytes, narration

if TYPE_CHECKING:
    from imgpipe.cdn import Reply
    from imgpipe.settings import Settings

_NEXT = """
It goes on running. Look further:
  imgpipe --local upload PHOTO...      send your own pictures through it
  imgpipe --local status               every resource and its state
  imgpipe --local logs                 what the function said
  eval "$(imgpipe local env)"          aws-cli and every SDK look at it too
And away with it:
  imgpipe --local teardown --yes       the pipeline
  imgpipe local stop                   the embedded AWS; 'imgpipe local reset' forgets its state, too"""


def step(title: str, settings: Settings) -> None:
    """Head a step."""
    narration(quiet=settings.quiet).print(f"\n== {title}", style="bold")


def fetched(address: str, reply: Reply, settings: Settings) -> None:
    """Say what the CDN answered; the address itself is data."""
    size, kind = human_bytes(len(reply.body)), reply.headers.get("content-type", "")
    narration(quiet=settings.quiet).print(
        f"{reply.status} {kind}, {size}, as the table says. Open it in a browser:"
    )
    data().print(address, soft_wrap=True)


def end(settings: Settings) -> None:
    """Say how to look further and how to remove it."""
    narration(quiet=settings.quiet).print(_NEXT)
