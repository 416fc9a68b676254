"""Bounded waiting for AWS: until something is as it should be, or until a refusal passes.

botocore's waiters sleep by themselves: they cannot be interrupted, and a test cannot give them a
clock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from botocore.exceptions import ClientError

from imgpipe.aws.transient_table import transient_of
from imgpipe.errors import NotSettledError

T = TypeVar("T")

_FIRST_PAUSE_SECONDS: Final = 1.0
_PAUSE_GROWTH: Final = 1.5
_USUAL_PAUSE_SECONDS: Final = 2.0
_LONGEST_PAUSE_SECONDS: Final = 5.0


class Patience:
    """The three ways to wait. Thread-safe.

    Attributes:
        sleep: pauses for so many seconds; tests pass their own.
        clock: the present, in seconds; tests pass their own.
        interrupted: set on Ctrl-C; ends every wait.
    """

    def __init__(
        self,
        *,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.interrupted = threading.Event()
        self.sleep = sleep or self.interrupted.wait
        self.clock = clock

    def settle(
        self,
        attempt: Callable[[], T],
        ready: Callable[[T], bool],
        *,
        what: str,
        seconds: float = 300,
        every: float = 2,
    ) -> T:
        """Call ``attempt`` until ``ready`` likes its result, at least once; return that result.

        Args:
            attempt: what is asked each time.
            ready: whether its result is what is waited for.
            what: names it in the error.
            seconds: how long at most.
            every: seconds between the first two calls; shorter pauses than 2 s grow up to that.

        Raises:
            NotSettledError: ``what`` did not come to rest in time.
            KeyboardInterrupt: Ctrl-C was pressed meanwhile.
        """
        deadline, pause = self.clock() + seconds, every
        while not ready(result := attempt()):
            if self.clock() >= deadline:
                raise NotSettledError(
                    f"{what} did not settle within {seconds:.0f} s",
                    hint="run the same command again: it goes on where it stopped",
                )
            self.pause(pause)
            pause = min(pause * _PAUSE_GROWTH, max(every, _USUAL_PAUSE_SECONDS))

        return result

    def eventually(self, service: str, call: Callable[[], T]) -> T:
        """Return what ``call`` returns, once AWS gives none of the answers that pass.

        Those stand in ``imgpipe.aws.transient_table``. ``call`` sends operations of ``service``
        (boto3's name) and is safe to send again. Past a row's seconds the refusal is raised as it
        is.
        """
        began, pause = self.clock(), _FIRST_PAUSE_SECONDS
        while True:
            try:
                return call()
            except ClientError as error:
                row = transient_of(service, error)
                if row is None or self.clock() - began >= row.seconds:
                    raise
            self.pause(pause)
            pause = min(pause * _PAUSE_GROWTH, _LONGEST_PAUSE_SECONDS)

    def retry(
        self,
        call: Callable[[], T],
        transient: Callable[[ClientError], bool],
        *,
        seconds: float = 300,
        every: float = 2,
    ) -> T:
        """Return what ``call`` returns, retried on a ``transient`` error for at most ``seconds``.

        For what imgpipe itself brings about, such as two of its runs that write one object; AWS's
        own refusals stand in ``imgpipe.aws.transient_table``.
        """
        deadline = self.clock() + seconds
        while True:
            try:
                return call()
            except ClientError as error:
                if not transient(error) or self.clock() >= deadline:
                    raise
            self.pause(every)

    def pause(self, seconds: float) -> None:
        """Sleep; ``KeyboardInterrupt`` if Ctrl-C was pressed meanwhile."""
        self.sleep(seconds)
        if self.interrupted.is_set():
            raise KeyboardInterrupt
