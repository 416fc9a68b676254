"""Work on many files in processes side by side.

Processes rather than threads: Pillow's switch for damaged files is one for the whole process.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Item = TypeVar("Item")
Done = TypeVar("Done")

# Fewer pictures are done before a second process has imported Pillow.
_FEW: Final = 8


def each(work: Callable[[Item], Done], items: Sequence[Item]) -> Iterator[Done]:
    """Yield ``work`` of every item, in the items' order; both must pickle."""
    if len(items) <= _FEW:
        yield from map(work, items)
        return

    count = min(os.cpu_count() or 1, len(items) // _FEW + 1)
    # A fork would copy the locks of Rich's threads.
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        under_way: deque[Future[Done]] = deque()
        for item in items:
            with _undisturbed():
                under_way.append(pool.submit(work, item))
            # Enough to keep all busy; more would only fill the memory with results.
            if len(under_way) > 2 * count:
                yield under_way.popleft().result()
        for future in under_way:
            yield future.result()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal.

    Those begun within never see it, so that only this one answers.
    """
    if sys.platform == "win32":  # has no signal masks
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
