"""An error as a person reads it, and as a script does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from rich.text import Text

from imgpipe.render._paper import wrapped
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from imgpipe.errors import ImgpipeError


@dataclass(frozen=True)
class ErrorRecord:
    """What failed, and what to do about it."""

    code: Annotated[str, "the kind of error, which stays whatever the message says"]
    message: Annotated[str, "what failed"]
    hint: Annotated[str, "what to do next, in words; empty where `next` says it all"]
    next: Annotated[list[str], "the commands that go on from here, as they must be typed"]
    aws_code: Annotated[str, "AWS's own code; empty if AWS had no part in it"]


def failure(error: ImgpipeError, spelled: Callable[[str], str], width: int) -> Iterator[Text]:
    """Yield the lines that tell of an error: what failed, AWS's code, and what to do next."""
    code = f" ({error.aws_code})" if error.aws_code and error.aws_code not in error.message else ""
    yield from wrapped(f"Error: {_one_line(error.message)}{code}", width, indent="  ")
    steps = [error.hint, " or ".join(spelled(command) for command in error.next)]
    if any(steps):
        yield from wrapped(f"  Next: {_one_line(': '.join(filter(None, steps)))}", width, "    ")


def error_record(error: ImgpipeError, spelled: Callable[[str], str]) -> ErrorRecord:
    """Return what JSON says of an error."""
    return ErrorRecord(
        code=error.code,
        message=error.message,
        hint=error.hint,
        next=[spelled(command) for command in error.next],
        aws_code=error.aws_code,
    )


def _one_line(text: str) -> str:
    return printable(" ".join(text.splitlines()))
