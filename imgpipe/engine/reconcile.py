"""The engine: setup, plan and teardown as streams of events over any tuple of resources. It knows no resource by name.

The graph comes from the resources' own fields. Setup walks it as wide as it is, dependencies first; teardown walks it
reversed. A failure stops only what depends on it. Nothing is remembered between runs: each starts by reading what is
there, so an interrupted run is finished by running it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from imgpipe.aws.errors import translated
from imgpipe.engine.graph import Action, Event, Started, StepResult, walk
from imgpipe.engine.resource import OWNER_TAG, Live, Properties, Resource, bring_about, differences
from imgpipe.errors import NotOursError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


@dataclass(frozen=True)
class _Decision:
    action: Action
    desired: Properties
    changed: frozenset[str]


_Reads = Mapping[Resource, "Future[Properties | None]"]


def plan(resources: Sequence[Resource], aws: Aws) -> Iterator[Event]:
    """Yield what ``setup`` would do with each resource, dependencies first. Nothing is written."""
    with _reading(resources, aws) as reads:

        def step(resource: Resource, live: Live, _: Started) -> StepResult:
            decision = _decide(resource, live, reads)
            replaced = resource.immutable and decision.action is Action.UPDATE
            return StepResult(
                decision.action, None if replaced else reads[resource].result(), decision.changed
            )

        yield from walk(aws, _graph(resources), step)


def setup(resources: Sequence[Resource], aws: Aws) -> Iterator[Event]:
    """Create what is absent, update what differs, leave the rest; yield each resource's start and end.

    A failed resource blocks only what depends on it; its event carries the error.

    Raises:
        ImgpipeError: something cannot be read, or is somebody else's (``NotOursError``); nothing was changed.
    """
    with _reading(resources, aws) as reads:
        for resource in resources:
            _ours(resource, reads)

        def step(resource: Resource, live: Live, started: Started) -> StepResult:
            decision = _decide(resource, live, reads)
            if decision.action is Action.NONE:
                return StepResult(Action.NONE, reads[resource].result())
            started(decision.action)
            if decision.action is Action.CREATE:
                bring_about(resource, aws, decision.desired)
            else:
                resource.update(aws, decision.desired, decision.changed)
            found = aws.settle(
                lambda: resource.read(aws),
                lambda there: there is not None,
                what=f"{resource.type} {resource.name}",
                every=1,
            )
            return StepResult(decision.action, found, decision.changed)

        yield from walk(aws, _graph(resources), step)


def teardown(resources: Sequence[Resource], aws: Aws) -> Iterator[Event]:
    """Delete what is ours, dependents first; what is absent or not ours is left alone and said so (action ``none``)."""
    with _reading(resources, aws) as reads:

        def step(resource: Resource, _: Live, started: Started) -> StepResult:
            try:
                found = _ours(resource, reads)
            except NotOursError as error:
                return StepResult(Action.NONE, error=error)
            if found is None:
                return StepResult(Action.NONE)
            started(Action.DELETE)
            resource.delete(aws, found)
            aws.settle(
                lambda: resource.read(aws),
                partial(_gone, resource),
                what=f"deletion of {resource.type} {resource.name}",
                every=1,
            )
            return StepResult(Action.DELETE)

        yield from walk(aws, _reversed(_graph(resources)), step)


def remaining(resources: Sequence[Resource], aws: Aws) -> tuple[Resource, ...]:
    """Return the resources that are still there and ours: after a teardown, none."""
    with _reading(resources, aws) as reads:
        return tuple(resource for resource in resources if _still_ours(resource, reads))


def _decide(resource: Resource, live: Live, reads: _Reads) -> _Decision:
    found, desired = _ours(resource, reads), resource.properties(live)
    if found is None:
        return _Decision(Action.CREATE, desired, frozenset())
    changed = differences(desired, found)
    return _Decision(Action.UPDATE if changed else Action.NONE, desired, changed)


def _ours(resource: Resource, reads: _Reads) -> Properties | None:
    found, owner = reads[resource].result(), resource.owner
    theirs = reads[owner].result()
    if found is not None and theirs is not None and not owner.owned(theirs):
        raise NotOursError(
            f"{owner.type} {owner.name} exists and is not this pipeline's",
            hint=f"choose another name or --stage; or tag it {OWNER_TAG} with the stage's name to hand it over",
        )
    return found


def _gone(resource: Resource, found: Properties | None) -> bool:
    """Say whether ours is gone; somebody may already have put another in its place, as Lambda does with a log group."""
    return found is None or not resource.owned(found)


def _still_ours(resource: Resource, reads: _Reads) -> bool:
    try:
        return _ours(resource, reads) is not None
    except NotOursError:
        return False


def _graph(resources: Sequence[Resource]) -> dict[Resource, set[Resource]]:
    return {resource: set(resource.dependencies) for resource in resources}


def _reversed(graph: Mapping[Resource, set[Resource]]) -> dict[Resource, set[Resource]]:
    return {
        resource: {other for other, needs in graph.items() if resource in needs}
        for resource in graph
    }


@contextmanager
def _reading(resources: Sequence[Resource], aws: Aws) -> Iterator[_Reads]:
    """Start reading every resource at once: what is there does not depend on the order in which it was made."""
    pool = ThreadPoolExecutor(max_workers=max(1, len(resources)), thread_name_prefix="read")
    try:
        yield {resource: pool.submit(_read, resource, aws) for resource in resources}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _read(resource: Resource, aws: Aws) -> Properties | None:
    with translated():
        return resource.read(aws)
