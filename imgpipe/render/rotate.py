"""What ``rotate`` shows: whether another key signs now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from rich.text import Text

from imgpipe.render._paper import Paper
from imgpipe.render._screen import View

QUESTION: Final = "Sign with a new key? What was signed before the present one is refused."
_SAID: Final = {
    True: (
        "A new key signs; the edges know it within a minute or so.",
        "What the key before signed holds until the next rotation.",
    ),
    False: ("Nothing was changed.",),
}


@dataclass(frozen=True)
class RotateRecord:
    """Whether another key signs addresses now."""

    rotated: Annotated[bool, "whether it does; the keys themselves are never shown"]


def _text(rotated: bool, _: Paper) -> Iterator[Text]:  # noqa: FBT001
    yield from map(Text, _SAID[rotated])


VIEW: Final = View(RotateRecord, _text)
