"""What open shows: the address, whether or not it was opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from rich.text import Text

from imgpipe.render._paper import Paper
from imgpipe.render._screen import View


@dataclass(frozen=True)
class Opened:
    """An ``address``, and whether a browser was given it."""

    address: str
    opened: bool


@dataclass(frozen=True)
class OpenRecord:
    """What was to be opened."""

    url: Annotated[str, "the address; of the rejected pictures' list that of a file here"]
    opened: Annotated[bool, "whether a browser was given it"]


def listed(count: int) -> str:
    """Return how many rejected pictures there are."""
    return f"{count:,} rejected picture{'s' * (count != 1)}, in a file that you alone can read:"


def _record(shown: Opened) -> OpenRecord:
    return OpenRecord(shown.address, shown.opened)


def _text(shown: Opened, _: Paper) -> Iterator[Text]:
    yield Text(shown.address)


VIEW: Final = View(_record, _text)
