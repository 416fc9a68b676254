"""What pause shows: since when nothing is processed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from rich.text import Text

from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View


@dataclass(frozen=True)
class PauseRecord:
    """A pipeline that is paused."""

    paused_since: Annotated[str, "since when, UTC; of one that was paused before, since then"]


def sentence(since: str) -> str:
    """Return that nothing is processed, and since when."""
    return f"Paused since {since}: pictures that come, change or go wait until it is resumed."


def _text(since: str, paper: Paper) -> Iterator[Text]:
    yield from wrapped(sentence(since), paper.width)


VIEW: Final = View(PauseRecord, _text)
