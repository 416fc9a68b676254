"""A picture's time, held to: what takes longer than is left is ended, and refused.

Estimates go by what a file says of itself, and a file that was made to take time does not say so:
a million empty pieces, or data that unpacks to nothing. Lambda would cut the invocation off, and
try the same picture twice more.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from handler.image.picture import Rejected

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")

# Again, should the first one come where an exception is not passed on: in a callback, say.
_AGAIN_SECONDS: Final = 0.05
# No alarm is set for nothing.
_LEAST_SECONDS: Final = 0.001


class _TimeIsUp(BaseException):
    """Passes through whatever takes every ``Exception`` for damage."""


def here(work: Callable[[], T], seconds: float) -> T:
    """Return what ``work`` returns, interrupted between two steps of Python's after ``seconds``.

    Only a process's main thread, which is where Lambda calls a function, can be interrupted.

    Raises:
        Rejected: it took longer.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    before = signal.signal(signal.SIGALRM, _ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, max(seconds, _LEAST_SECONDS), _AGAIN_SECONDS)
        try:
            return work()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _TimeIsUp:
        raise _too_long(seconds) from None
    finally:
        signal.signal(signal.SIGALRM, before)


def apart(work: Callable[[], T], seconds: float) -> T:
    """Return what ``work`` returns, run in a process of its own that is ended after ``seconds``.

    For decoders that do all in one call, which nothing else can interrupt. A process is forked in
    some milliseconds, shares what was loaded, and leaves nothing behind.

    Raises:
        Rejected: it took longer, or ended the process.
    """
    from multiprocessing import get_context

    fork = get_context("fork")
    answers, sender = fork.Pipe(duplex=False)
    child = fork.Process(target=_answer, args=(work, sender), daemon=True)
    child.start()
    sender.close()
    try:
        if not answers.poll(max(seconds, 0)):
            raise _too_long(seconds)
        with suppress(EOFError):
            made: T = _unpacked(answers.recv())
            return made
        child.join()
        raise Rejected(f"its decoder was ended by signal {-(child.exitcode or 0)}")
    finally:
        child.kill()
        child.join()
        answers.close()


def _answer(work: Callable[[], object], sender: Connection) -> None:
    try:
        sender.send((work(), None))
    except Exception as error:  # noqa: BLE001 - it is raised where the work was asked for
        sender.send((None, error))


def _unpacked(answer: tuple[Any, Exception | None]) -> Any:
    value, error = answer
    if error:
        raise error
    return value


def _ring(*_: object) -> NoReturn:
    raise _TimeIsUp


def _too_long(seconds: float) -> Rejected:
    return Rejected(f"it takes longer to decode than the {seconds:.1f} seconds that were left")
