"""What the demonstration says between its steps, and how to go on from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from rich.filesize import decimal
from rich.text import Text

from imgpipe.cdn import Reply

_LOOK_FURTHER: Final = {
    "--local upload PHOTO...": "send your own pictures through it",
    "--local status": "every resource and its state",
    "--local logs": "what the function said",
    "local env": "for aws-cli and every SDK",
}
_AWAY: Final = {
    "--local teardown --yes": "the pipeline",
    "local stop": "the embedded AWS; its state is kept",
    "local reset": "and its state",
}


def going_on(spelled: Callable[[str], str]) -> Iterator[str]:
    """Yield which commands go on from here, as they must be typed, and what each is for."""
    yield "\nIt goes on running. Look further:"
    yield from _explained(_LOOK_FURTHER, spelled)
    yield "And away with it:"
    yield from _explained(_AWAY, spelled)


def _explained(meanings: Mapping[str, str], spelled: Callable[[str], str]) -> Iterator[str]:
    width = max(len(spelled(command)) for command in (*_LOOK_FURTHER, *_AWAY))
    for command, meaning in meanings.items():
        yield f"  {spelled(command):<{width}}  {meaning}"


def step(title: str) -> tuple[str, str]:
    """Return the heading of a step, and its style."""
    return f"\n== {title}", "bold"


def fetched(reply: Reply) -> str:
    """Return what the CDN answered; the address itself is data."""
    kind = reply.headers.get("content-type", "")
    size = decimal(len(reply.body))
    return f"{reply.status} {kind}, {size}, as the table says. Open it in a browser:"


def address(url: str) -> Text:
    """Return the address on a line of its own, so that it can be copied."""
    return Text(url)
