"""Work on many things in threads side by side, however many they are."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from imgpipe.aws.account import Aws

Item = TypeVar("Item")
Done = TypeVar("Done")

# Enough that no thread waits for work; each more would only fill the memory.
_AHEAD: Final = 4


def each(
    aws: Aws, work: Callable[[Item], Done], items: Iterable[Item], count: int, name: str
) -> Generator[Done, None, None]:
    """Yield ``work`` of every item as it is done, ``count`` at once; ``items`` are drawn as needed.

    What ``work`` raises is raised here. Whoever stops listening stops what waits, and
    ``aws.interrupted`` says so to what is under way.
    """
    pool = ThreadPoolExecutor(count, thread_name_prefix=name)
    try:
        yield from begun(aws, lambda item: pool.submit(work, item), items, count * _AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


def begun(
    aws: Aws, begin: Callable[[Item], Future[Done]], items: Iterable[Item], most: int
) -> Generator[Done, None, None]:
    """Yield what ``begin`` of every item comes to, at ``most`` so many under way; as ``each``."""
    done: SimpleQueue[Future[Done]] = SimpleQueue()
    under_way = 0
    try:
        for item in items:
            begin(item).add_done_callback(done.put)
            under_way += 1
            if under_way >= most:
                yield done.get().result()
                under_way -= 1
        for _ in range(under_way):
            yield done.get().result()
    except BaseException:
        aws.interrupted.set()
        raise
