"""Run one step per resource in dependency order, each in a thread; yields events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import StrEnum
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from imgpipe.aws.errors import translated
from imgpipe.engine.resource import InseparablePart, Live, Properties, Resource
from imgpipe.errors import ImgpipeError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# After Ctrl-C, calls on their way to AWS may still be answered. Building a layer, say, takes longer
# and is not waited for.
_GRACE_SECONDS: Final = 3.0


class Action(StrEnum):
    """What is to be done with one resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    RETAIN = "retain"
    GIVE_BACK = "give back"
    NONE = "none"


class State(StrEnum):
    """How far it has come."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Event:
    """What became of one resource.

    Attributes:
        resource: the resource.
        action: what was, or is to be, done with it.
        state: how far that has come.
        seconds: how long it took.
        changed: the properties that differed.
        live: the state it ended in; ``None`` = absent, or not known.
        error: why it failed, or (``done`` with action ``none``) why it was left alone.
    """

    resource: Resource
    action: Action
    state: State
    seconds: float = 0.0
    changed: frozenset[str] = frozenset()
    live: Properties | None = None
    error: ImgpipeError | None = None


@dataclass(frozen=True)
class StepResult:
    """What a step did: the ``live`` state it left, or the ``error`` that made it leave it alone."""

    action: Action
    live: Properties | None = None
    changed: frozenset[str] = frozenset()
    error: ImgpipeError | None = None


def finals(events: Iterable[Event]) -> Iterator[Event]:
    """Yield each resource's last event, which says how it ended: all but ``started``."""
    return (event for event in events if event.state is not State.STARTED)


Started = Callable[[Action], None]
Step = Callable[[Resource, Live, Started], StepResult]
Graph = Mapping[Resource, set[Resource]]
_Events = SimpleQueue[Event | BaseException]


def graph_of(resources: Sequence[Resource]) -> Graph:
    """Return for each resource what is made before it: its dependencies."""
    return {resource: set(resource.dependencies) for resource in resources}


def setup_graph(resources: Sequence[Resource]) -> Graph:
    """Return for each resource what a setup is through with before it.

    What is wanted comes after its dependencies; what is not goes as in a teardown, so once all that
    depends on it has let go of it.
    """
    graph = graph_of(resources)
    backwards = reversed_graph(graph)
    return {
        each: {need for need in needs if need.wanted} | (set() if each.wanted else backwards[each])
        for each, needs in graph.items()
    }


def reversed_graph(graph: Graph) -> Graph:
    """Return for each resource what is deleted before it: dependents, and a part's very owner.

    A part goes when its owner goes, so the owner waits for what depends on the part, too.
    """
    dependents = {
        resource: {other for other, needs in graph.items() if resource in needs}
        for resource in graph
    }
    before = {resource: set(others) for resource, others in dependents.items()}
    parts = [each for each in graph if isinstance(each, InseparablePart) and each.owner in graph]
    for part in parts:
        before[part].add(part.owner)
        before[part.owner] |= dependents[part]
    for part in parts:
        before[part.owner].discard(part)
    return before


def walk(aws: Aws, graph: Graph, step: Step) -> Iterator[Event]:
    """Take every resource through ``step`` as soon as all it needs are through.

    ``graph`` has for each resource those that come before it. What failed, or was left alone though
    others depend on it, blocks all that come after it.
    """
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    events: _Events = SimpleQueue()
    live, failed, left_alone = Live(), set[Resource](), set[Resource]()
    pool = ThreadPoolExecutor(max_workers=max(1, len(graph)), thread_name_prefix="walk")
    running: list[Future[None]] = []

    try:
        while sorter.is_active():
            for resource in sorter.get_ready():
                # A part of what was left alone is left alone as well, and says so itself.
                theirs = {each for each in left_alone if each.owner != resource.owner}
                if graph[resource] & (failed | theirs):
                    events.put(Event(resource, Action.NONE, State.BLOCKED))
                else:
                    running.append(pool.submit(_run, aws, resource, live, step, events))

            event = _raised(events.get())
            yield event

            if event.state in {State.FAILED, State.BLOCKED}:
                failed.add(event.resource)
            elif event.error and _needs_on_its_own(event.resource):
                left_alone.add(event.resource)
            if event.state is not State.STARTED:
                sorter.done(event.resource)
    except BaseException:
        aws.interrupted.set()
        wait(running, timeout=_GRACE_SECONDS)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _needs_on_its_own(resource: Resource) -> bool:
    """Say whether what ``resource`` depends on is needed as long as it stands.

    So it is of what goes with its owner alone, such as a function's settings for failures, which
    name a queue. What only lies in somebody's bucket holds nobody back.
    """
    return resource.owner == resource or isinstance(resource, InseparablePart)


def _run(aws: Aws, resource: Resource, live: Live, step: Step, events: _Events) -> None:
    began, action = aws.clock(), Action.NONE

    def started(what: Action) -> None:
        nonlocal action
        action = what
        events.put(Event(resource, what, State.STARTED))

    try:
        with translated():
            result = step(resource, live, started)
        if result.live is not None:
            live[resource] = result.live
        seconds = aws.clock() - began
        events.put(
            Event(
                resource,
                result.action,
                State.DONE,
                seconds,
                result.changed,
                result.live,
                result.error,
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
