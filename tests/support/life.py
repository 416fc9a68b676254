"""Ends a process at any AWS call: before a mutating one is sent, or once it was answered."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

READS: Final = ("Get", "List", "Describe", "Head", "BatchGet", "Query", "Scan")
_UNBOUNDED: Final = 10**9


class DiedError(BaseException):
    """The process ended here; not an Exception, as no handler of one may keep it alive."""


class Life:
    """Counts the mutating calls of ``aws``; raises ``DiedError`` when those given are used up.

    To be made before the account's first client: boto3 copies a session's handlers into each.
    """

    def __init__(self, aws: Aws) -> None:
        self.died_at = ""
        self._aws = aws
        self._left, self._when = _UNBOUNDED, "before"
        self._lock = threading.Lock()
        for when in ("before", "after"):
            aws.session.events.register(f"{when}-call", functools.partial(self._spend, when))

    def begin(self, when: str, calls: int) -> None:
        """Live for ``calls`` mutating calls more, and die ``when`` (before, after) the next one."""
        self._when, self._left, self.died_at = when, calls, ""

    @contextmanager
    def ending(self, when: str, calls: int) -> Iterator[None]:
        """Run the block in such a life, to its end or its death; then be the next process."""
        self.begin(when, calls)
        try:
            yield
        except DiedError:
            self._aws.interrupted.clear()
        finally:
            self._left = _UNBOUNDED

    def _spend(self, when: str, model: Any, **_: object) -> None:
        if when != self._when or model.name.startswith(READS):
            return
        with self._lock:
            self._left -= 1
            if self._left < 0:
                self.died_at = self.died_at or model.name
                raise DiedError(model.name)
