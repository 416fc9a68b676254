"""The graph, walked: every resource through one step, as wide as the graph is, as a stream of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import StrEnum
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from imgpipe.aws.errors import translated
from imgpipe.engine.resource import Live, Properties, Resource
from imgpipe.errors import ImgpipeError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# After Ctrl-C, calls on their way to AWS may still be answered; building a layer, say, takes longer and is not waited for.
_GRACE: Final = 3.0


class Action(StrEnum):
    """What is to be done with one resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NONE = "none"


class State(StrEnum):
    """How far it has come."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Event:
    """One resource's step: ``seconds`` it took, the properties ``changed``, the ``live`` state it ended in, or its ``error``."""

    resource: Resource
    action: Action
    state: State
    seconds: float = 0.0
    changed: frozenset[str] = frozenset()
    live: Properties | None = None
    error: ImgpipeError | None = None


@dataclass(frozen=True)
class StepResult:
    """What a step did with its resource: the ``live`` state it left, or the ``error`` that made it leave the resource alone."""

    action: Action
    live: Properties | None = None
    changed: frozenset[str] = frozenset()
    error: ImgpipeError | None = None


def finals(events: Iterable[Event]) -> Iterator[Event]:
    """Yield each resource's last event, which says how it ended: all but those of state ``started``."""
    return (event for event in events if event.state is not State.STARTED)


Started = Callable[[Action], None]
Step = Callable[[Resource, Live, Started], StepResult]


def walk(aws: Aws, graph: Mapping[Resource, set[Resource]], step: Step) -> Iterator[Event]:
    """Take every resource through ``step`` as soon as all it needs are through, each in a thread of its own."""
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    events: SimpleQueue[Event | BaseException] = SimpleQueue()
    live, failed = Live(), set[Resource]()
    pool = ThreadPoolExecutor(max_workers=max(1, len(graph)), thread_name_prefix="walk")
    running: list[Future[None]] = []
    try:
        while sorter.is_active():
            for resource in sorter.get_ready():
                if graph[resource] & failed:
                    events.put(Event(resource, Action.NONE, State.BLOCKED))
                else:
                    running.append(pool.submit(_run, aws, resource, live, step, events))
            event = _raised(events.get())
            yield event
            if event.state in {State.FAILED, State.BLOCKED}:
                failed.add(event.resource)
            if event.state is not State.STARTED:
                sorter.done(event.resource)
    except BaseException:
        aws.interrupted.set()
        wait(running, timeout=_GRACE)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _run(
    aws: Aws, resource: Resource, live: Live, step: Step, events: SimpleQueue[Event | BaseException]
) -> None:
    began, action = aws.clock(), Action.NONE

    def started(what: Action) -> None:
        nonlocal action
        action = what
        events.put(Event(resource, what, State.STARTED))

    try:
        with translated():
            outcome = step(resource, live, started)
        if outcome.live is not None:
            live[resource] = outcome.live
        events.put(
            Event(
                resource,
                outcome.action,
                State.DONE,
                aws.clock() - began,
                outcome.changed,
                outcome.live,
                outcome.error,
            )
        )
    except ImgpipeError as error:
        events.put(Event(resource, action, State.FAILED, aws.clock() - began, error=error))
    except BaseException as error:
        events.put(error)


def _raised(event: Event | BaseException) -> Event:
    if isinstance(event, BaseException):
        raise event
    return event
