"""Pictures that failed for good, run again: what succeeds leaves the failure queue, nothing else.

A message is deleted after the function said what became of its pictures, and never before; so a run
that is killed, at whatever moment, loses nothing, and what it did is done again without harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from handler.event import Kind, s3_event
from imgpipe.aws import messages
from imgpipe.aws.errors import translated
from imgpipe.errors import PartialError, ServiceError
from imgpipe.function import invoke
from imgpipe.function.answer import reason_of
from imgpipe.pictures import failures, leftovers

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.aws.messages import Message, Queue
    from imgpipe.pictures.failures import Failure
    from imgpipe.pictures.leftovers import Stores

# A new account may run ten functions at once, and pictures go on arriving.
_AT_ONCE: Final = 8


class Fate(StrEnum):
    """What became of a picture that was run again."""

    PROCESSED = "processed"
    REJECTED = "rejected"
    REMOVED = "removed"
    GONE = "gone"
    FAILED = "failed"
    UNKNOWN = "unknown"


GOOD: Final = frozenset({Fate.PROCESSED, Fate.REMOVED, Fate.GONE})


@dataclass(frozen=True)
class Place:
    """The names of what it takes, and where results stand.

    A message is out of others' sight for ``hold_seconds``, which are to be more than its picture
    may take; ``follows`` says that results go with their original.
    """

    queue: str
    function: str
    alias: str
    source_bucket: str
    stores: Stores
    hold_seconds: int
    follows: bool


@dataclass(frozen=True)
class Retried:
    """A picture's ``fate``, its ``results``, or the ``reason`` why there are none.

    ``settled`` says that no message tells of it any more.
    """

    key: str
    fate: Fate
    reason: str = ""
    results: tuple[str, ...] = ()
    settled: bool = False


_Object = tuple[Kind, str]


@contextmanager
def held(aws: Aws, place: Place, wanted: Sequence[str] = ()) -> Iterator[Work]:
    """Hold the failures of the keys that are ``wanted``, or all, until the block ends.

    Raises:
        NotSetUpError: there is no failure queue.
    """
    queue = messages.find(aws, place.queue)
    with messages.held(aws, queue, failures.READ, place.hold_seconds) as found:
        yield Work(aws, place, queue, found, wanted)


class Work:
    """What is to be run again.

    ``unseen`` messages are in others' hands, or beyond the first ``failures.READ``.
    """

    def __init__(
        self,
        aws: Aws,
        place: Place,
        queue: Queue,
        found: Sequence[Message],
        wanted: Sequence[str],
    ) -> None:
        self._aws, self._place, self._queue = aws, place, queue
        self._messages = {message.id: message for message in found}
        told = [failure for message in found for failure in failures.of_message(message)]
        self._left: dict[str, set[_Object]] = {message.id: set() for message in found}
        for failure in told:
            self._left[failure.message].add(_object(failure))
        self._lost = [failure for failure in told if not failure.key and not wanted]
        objects = dict.fromkeys(_object(failure) for failure in told if failure.key)
        self.objects = [each for each in objects if not wanted or each[1] in wanted]
        self._missing = sorted({*wanted} - {key for _, key in objects})
        self.unseen = max(0, queue.waiting - len(found))

    def __len__(self) -> int:
        return len(self.objects) + len(self._lost) + len(self._missing)

    def run(self) -> Iterator[Retried]:
        """Run each again, some at once, and yield what became of it, as it ends.

        Calls ``lambda:InvokeFunction``, and ``sqs:DeleteMessage`` for what is done with.
        """
        for failure in self._lost:
            yield Retried("", Fate.UNKNOWN, f"a message that names no picture: {failure.reason}")
        for key in self._missing:
            yield Retried(key, Fate.UNKNOWN, "no failure of it waits; invoke runs it all the same")
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="retry")
        try:
            running = {pool.submit(self._again, each): each for each in self.objects}
            for done in as_completed(running):
                yield self._settled(running[done], done.result())
        finally:
            # Whoever stops here waits for no invocation: the message stays.
            pool.shutdown(wait=False, cancel_futures=True)

    def _again(self, each: _Object) -> Retried:
        kind, key = each
        for message in self._of(each):
            messages.hold(self._aws, self._queue, message, self._place.hold_seconds)
        event = s3_event(kind, self._place.source_bucket, key, self._aws.region)
        try:
            with translated():
                done = invoke.invoke(self._aws, self._place.function, self._place.alias, event)
                if done.failed:
                    return Retried(key, Fate.FAILED, reason_of(done.result))
                return _told(self._aws, self._place, each, done.result)
        except ServiceError as error:
            return Retried(key, Fate.FAILED, error.message)

    def _settled(self, each: _Object, done: Retried) -> Retried:
        """Delete the messages that tell of nothing else, if it is done with."""
        if not done.settled:
            return done
        with translated():
            for message in self._of(each):
                self._left[message.id].discard(each)
                if not self._left[message.id]:
                    messages.delete(self._aws, self._queue, message)
        return done

    def _of(self, each: _Object) -> list[Message]:
        return [self._messages[name] for name, left in self._left.items() if each in left]


def raise_for_failures(results: Sequence[Retried]) -> None:
    """Raise ``PartialError`` unless every picture is done with."""
    bad = [each for each in results if each.fate not in GOOD or not each.settled]
    if bad:
        raise PartialError(
            f"{len(bad)} of {len(results)} pictures did not make it",
            hint="the reasons stand above; whatever still failed stays in the queue",
            next=("failures",),
        )


def _object(failure: Failure) -> _Object:
    return failure.kind, failure.key


def _told(aws: Aws, place: Place, each: _Object, result: Any) -> Retried:
    """Return what the function says of a picture, held against what stands where it is gone."""
    kind, key = each
    said = result if isinstance(result, Mapping) else {}
    if made := said.get("processed"):
        return Retried(key, Fate.PROCESSED, results=tuple(made), settled=True)
    if refused := said.get("rejected"):
        reason = str(refused[0]).removeprefix(f"{key}: ")
        return Retried(key, Fate.REJECTED, reason, settled=True)
    if leftovers.has_original(aws, place.source_bucket, key):
        return _came_back(each)
    fate = Fate.REMOVED if kind is Kind.REMOVED else Fate.GONE
    if place.follows and (left := leftovers.of(aws, place.stores, key)):
        names = ", ".join(left)
        return Retried(key, fate, f"the original is gone, and its results still stand: {names}")
    reason = "" if fate is Fate.REMOVED else "the original is not in the source bucket any more"
    return Retried(key, fate, reason, settled=True)


def _came_back(each: _Object) -> Retried:
    """Return what there is to say of an original that stands, though the function made nothing.

    After a removal it need not: then what stands was made of it. Put while the function ran, it has
    an event of its own; but that may be lost as well.
    """
    kind, key = each
    if kind is Kind.REMOVED:
        return Retried(key, Fate.REMOVED, "the original is there again", settled=True)
    return Retried(key, Fate.FAILED, "the original came back while it was looked for")
