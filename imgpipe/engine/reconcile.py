"""Setup, plan and teardown as streams of events over any tuple of resources, none of them by name.

The graph comes from the resources' own fields. Setup walks it as wide as it is, dependencies first;
teardown walks it reversed. A failure stops only what depends on it. Nothing is remembered between
runs: each starts by reading what is there, so an interrupted run is finished by running it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from imgpipe.aws.errors import translated
from imgpipe.engine.creation import bring_about
from imgpipe.engine.graph import (
    Action,
    Event,
    Started,
    StepResult,
    graph_of,
    reversed_graph,
    setup_graph,
    walk,
)
from imgpipe.engine.reads import (
    Reads,
    ours,
    reading,
    reading_for_setup,
    require_ours,
    require_room,
    require_usable,
)
from imgpipe.engine.resource import OWNER_TAG, RETAIN_TAG, Live, Properties, Resource, differences
from imgpipe.engine.standing import Retained, departure, require_unprotected, told_to_stay
from imgpipe.errors import NotOursError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class _Decision:
    action: Action
    live: Properties | None
    desired: Properties
    changed: frozenset[str]


def plan(resources: Sequence[Resource], aws: Aws) -> Iterator[Event]:
    """Yield what ``setup`` would do with each resource, dependencies first. Nothing is written."""
    with reading_for_setup(resources, aws) as reads:

        def step(resource: Resource, live: Live, _: Started) -> StepResult:
            require_room(resource, aws, reads)
            decision = _decide(resource, live, reads, reads[resource].result())
            update = decision.action is Action.UPDATE
            goes = decision.action is Action.DELETE
            goes |= update and resource.replaced(decision.changed)
            return StepResult(decision.action, None if goes else decision.live, decision.changed)

        yield from walk(aws, setup_graph(resources), step)


def setup(
    resources: Sequence[Resource], aws: Aws, standing: Reads | None = None
) -> Iterator[Event]:
    """Create what is absent, update what differs, leave the rest; yield every start and end.

    What stands and is not wanted any more is deleted, once what it served has let go of it.

    A failed resource blocks only what depends on it; its event carries the error. Who has just
    read the resources hands over what is ``standing``, so that it is not asked for again.

    Raises:
        ImgpipeError: something cannot be read, or is somebody else's; nothing was changed.
    """
    with nullcontext(standing) if standing else reading_for_setup(resources, aws) as reads:
        for resource in resources:
            require_usable(resource, reads)
            require_room(resource, aws, reads)
        touched: set[Resource] = set()

        def step(resource: Resource, live: Live, started: Started) -> StepResult:
            current = reads[resource].result()
            if current is not None and resource.wanted and resource.owner in touched:
                # An owner that was replaced has lost its parts.
                current = resource.read(aws)
            decision = _decide(resource, live, reads, current)
            if decision.action is Action.NONE:
                return StepResult(Action.NONE, decision.live)

            started(decision.action)
            touched.add(resource)
            if decision.live is not None and decision.action is Action.DELETE:
                _let_go(resource, resources, aws, live)
                _delete(resource, aws, decision.live)
                return StepResult(Action.DELETE)
            return StepResult(
                decision.action, _carried_out(resource, aws, decision), decision.changed
            )

        yield from walk(aws, setup_graph(resources), step)


def teardown(
    resources: Sequence[Resource], aws: Aws, retained: Retained = told_to_stay
) -> Iterator[Event]:
    """Delete what is ours and not ``retained``, dependents first; yield every start and end.

    What was there before us is given back (action ``give back``). What is absent, or somebody
    else's, is left alone and said so (action ``none``); what something of somebody else's still
    depends on is blocked.

    Raises:
        ProtectedError: something of ours is protected; nothing was deleted.
    """
    deleted: list[Resource] = []
    with reading(resources, aws) as reads:
        # A part goes with its owner: looked at after that, it would seem never to have been there.
        wait(reads.values())
        there = ours(reads)
        require_unprotected(there.values())
        kept = {each for each, live in there.items() if retained(each, live)}
        _tell_to_stay([each for each in kept if not told_to_stay(each, there[each])], aws)

        def step(resource: Resource, _: Live, started: Started) -> StepResult:
            try:
                live = require_ours(resource, reads)
            except NotOursError as error:
                return StepResult(Action.NONE, error=error)
            if live is None:
                return StepResult(Action.NONE)
            action = departure(resource, live, retained)
            if action is Action.RETAIN:
                return StepResult(action, live)

            started(action)
            _delete(resource, aws, live)
            deleted.append(resource)
            return StepResult(action)

        yield from walk(aws, reversed_graph(graph_of(resources)), step)
    _delete_revived(deleted, aws)


def _carried_out(resource: Resource, aws: Aws, decision: _Decision) -> Properties | None:
    """Create or update ``resource``; return its new live state, once a read shows it."""
    if decision.action is Action.CREATE:
        bring_about(resource, aws, decision.desired)
    else:
        resource.update(aws, decision.desired, decision.changed)
    return aws.settle(
        lambda: resource.read(aws),
        lambda live: live is not None,
        what=f"{resource.type} {resource.name}",
        every=1,
    )


def _tell_to_stay(retained: Sequence[Resource], aws: Aws) -> None:
    """Tag what stays, so that it also stays where this teardown is finished by another command."""
    for resource in retained:
        with translated():
            resource.update(aws, {"Tags": {RETAIN_TAG: "true"}}, frozenset({"Tags"}))


def _let_go(resource: Resource, resources: Sequence[Resource], aws: Aws, live: Live) -> None:
    for other in resources:
        if other.wanted and resource in other.dependencies:
            other.let_go(aws, live[other])


def _delete(resource: Resource, aws: Aws, live: Properties) -> None:
    """Delete ``resource`` and wait until it is gone, or another of somebody else's in its place."""
    resource.delete(aws, live)
    aws.settle(
        lambda: resource.read(aws),
        partial(_gone, resource),
        what=f"deletion of {resource.type} {resource.name}",
        every=1,
    )


def _delete_revived(deleted: Sequence[Resource], aws: Aws) -> None:
    """Delete once more what AWS made anew, untagged, of what was ours a moment ago."""
    for resource in deleted:
        if not resource.revived:
            continue
        with translated():
            live = resource.read(aws)
            if live is not None and OWNER_TAG not in live["Tags"]:
                resource.delete(aws, live)


def _decide(resource: Resource, live: Live, reads: Reads, current: Properties | None) -> _Decision:
    require_usable(resource, reads)
    if not resource.wanted:
        return _Decision(Action.NONE if current is None else Action.DELETE, current, {}, _NOTHING)
    desired = resource.properties(live)
    if current is None:
        return _Decision(Action.CREATE, None, desired, _NOTHING)
    desired = resource.keeping(desired, current)
    changed = differences(desired, current)
    return _Decision(Action.UPDATE if changed else Action.NONE, current, desired, changed)


def _gone(resource: Resource, live: Properties | None) -> bool:
    """Say whether ours is gone; somebody may already have put another in its place."""
    return live is None or not resource.owned(live)
