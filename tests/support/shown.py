"""What a view shows, as a pipe, a terminal of some width, or a script gets it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, TypeVar

from imgpipe.render._paper import UNBOUNDED, Paper
from imgpipe.render._screen import Screen
from tests.support.shell import opened

if TYPE_CHECKING:
    from imgpipe.render._screen import View

T = TypeVar("T")


def lines(view: View[T], value: T, width: int = UNBOUNDED, *, links: bool = False) -> list[str]:
    """Return the lines that ``view`` makes of ``value`` on a paper of ``width`` columns."""
    return [line.plain for line in view.text(value, Paper(width, links))]


def shown(view: View[T], value: T) -> str:
    """Return what a pipe gets of ``value``."""
    with redirect_stdout(io.StringIO()) as out:
        Screen("command").show(view, value)
    return out.getvalue()


def data(view: View[T], value: T) -> Any:
    """Return the data in the JSON envelope of ``value``."""
    with redirect_stdout(io.StringIO()) as out:
        Screen("command", output="json").show(view, value)
    return opened(out.getvalue())


def streamed(view: View[T], values: Iterable[T], output: str) -> str:
    """Return everything that a pipe gets while ``values`` stream."""
    with redirect_stdout(io.StringIO()) as out:
        Screen("command", output=output).stream(view, values)
    return out.getvalue()
