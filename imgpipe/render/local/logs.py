"""What ``local logs`` shows: the emulator's own lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from imgpipe.render._paper import wrapped
from imgpipe.render._screen import View
from imgpipe.render.untrusted import printable


@dataclass(frozen=True)
class LocalLogRecord:
    """One line; each is an envelope of its own."""

    line: Annotated[str, "the line, without its end"]


VIEW: Final[View[str]] = View(
    LocalLogRecord, lambda line, paper: wrapped(printable(line), paper.width, "    ")
)
