"""What the demonstration says between its steps, and how to go on from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from rich.filesize import decimal
from rich.text import Text

from imgpipe.cdn import Reply
from imgpipe.render._screen import View

NEXT: Final = Text("""
It goes on running. Look further:
  imgpipe --local upload PHOTO...  send your own pictures through it
  imgpipe --local status           every resource and its state
  imgpipe --local logs             what the function said
  eval "$(imgpipe local env)"      aws-cli and every SDK look at it too
And away with it:
  imgpipe --local teardown --yes   the pipeline
  imgpipe local stop               the embedded AWS; 'imgpipe local reset' forgets its state""")


@dataclass(frozen=True)
class AddressRecord:
    """Where the result was fetched from."""

    address: Annotated[str, "the URL"]


def step(title: str) -> tuple[str, str]:
    """Return the heading of a step, and its style."""
    return f"\n== {title}", "bold"


def fetched(reply: Reply) -> str:
    """Return what the CDN answered; the address itself is data."""
    kind = reply.headers.get("content-type", "")
    size = decimal(len(reply.body))
    return f"{reply.status} {kind}, {size}, as the table says. Open it in a browser:"


ADDRESS: Final[View[str]] = View(AddressRecord, lambda address, _: [Text(address)])
