"""What holds for every resource type: one says how to build and disturb it, and is held to all.

After CloudFormation's own contract tests for resource types:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/contract-tests.html
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import replace
from functools import partial
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest

import imgpipe.resources
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, State
from imgpipe.engine.resource import InseparablePart, Live, Resource, differences
from imgpipe.errors import NotOursError, ServiceError
from imgpipe.resources.permission import Permission
from tests.support.contract import (
    Case,
    alarms,
    delivery,
    domain,
    function,
    jobs,
    on_demand,
    page,
    storage,
)
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Engine, Faults
    from tests.support.life import Life

pytestmark = pytest.mark.slow

CASES = {
    type(case.resource): case
    for module in (storage, function, delivery, on_demand, page, alarms, jobs, domain)
    for case in module.CASES
}
MOST_CALLS = 30

every_type = pytest.mark.parametrize(
    "case", [pytest.param(case, id=kind.__name__) for kind, case in CASES.items()]
)
every_drift = pytest.mark.parametrize(
    ("case", "name"),
    [
        pytest.param(case, name, id=f"{kind.__name__}-{name}")
        for kind, case in CASES.items()
        for name in case.drifts
    ],
)


@pytest.fixture
def prepared(life: Life, aws: Aws, case: Case) -> None:
    """An account in which nothing of the pipeline stands yet."""
    case.surroundings(aws)


def setup(engine: Engine, case: Case) -> tuple[Action, list[str]]:
    """Set the resource up on what it needs; return what was done, and the mutating calls."""
    done = engine.setup(case.resource, *case.needed)
    return done.action, done.calls


def teardown(engine: Engine, case: Case) -> Action:
    """Tear it down with what it needs; return what was done with it."""
    return engine.teardown(case.resource, *real(case.needed)).action


def real(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Those that are more than stand-ins, and can be torn down."""
    return tuple(each for each in resources if not isinstance(each, Given))


def test_every_resource_type_is_held_to_the_contract() -> None:
    """A type without a case fails here, and nobody has to remember it."""
    for module in pkgutil.iter_modules(imgpipe.resources.__path__, "imgpipe.resources."):
        importlib.import_module(module.name)
    assert set(concrete(Resource)) == set(CASES)


def concrete(kind: type[Any]) -> list[type[Any]]:
    """The types of the pipeline that can be instantiated; tests have others."""
    below = [each for child in kind.__subclasses__() for each in concrete(child)]
    ours = kind.__module__.startswith("imgpipe.resources.") and not inspect.isabstract(kind)
    return [*below, *([kind] if ours else [])]


@every_type
@pytest.mark.usefixtures("prepared")
def test_what_was_created_reads_as_desired_and_a_second_setup_writes_nothing(
    engine: Engine, case: Case
) -> None:
    """Create, read, compare; then not a single mutating call, counted on the wire."""
    assert case.resource.read(engine.aws) is None
    action, calls = setup(engine, case)
    assert action is Action.CREATE
    assert calls
    live = Live({each: each.read(engine.aws) or {} for each in case.needed})
    there = case.resource.read(engine.aws) or {}
    assert differences(case.resource.properties(live), there) == frozenset()
    assert setup(engine, case) == (Action.NONE, [])


@every_drift
@pytest.mark.usefixtures("prepared")
def test_what_drifted_is_put_back(engine: Engine, case: Case, name: str) -> None:
    """By the calls for that property and no others, as somebody may have set the rest."""
    setup(engine, case)
    case.drifts[name].by_hand(engine.aws)
    assert setup(engine, case) == (Action.UPDATE, list(case.drifts[name].calls))
    assert setup(engine, case) == (Action.NONE, [])


@every_type
@pytest.mark.usefixtures("prepared")
def test_what_was_deleted_by_hand_is_made_again(engine: Engine, case: Case) -> None:
    """There is no state that still believes in it."""
    setup(engine, case)
    case.remove(engine.aws)
    assert case.resource.read(engine.aws) is None
    assert setup(engine, case)[0] is Action.CREATE
    assert setup(engine, case) == (Action.NONE, [])


@every_type
@pytest.mark.usefixtures("prepared")
def test_deleting_what_is_gone_is_success(engine: Engine, case: Case) -> None:
    """Gone by teardown, gone a second time, gone in between, and gone with all it stood on."""
    setup(engine, case)
    live = case.resource.read(engine.aws) or {}
    assert teardown(engine, case) is Action.DELETE
    assert case.resource.read(engine.aws) is None
    assert teardown(engine, case) is Action.NONE
    assert engine.calls.mutating == []
    case.resource.delete(engine.aws, live)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=kind.__name__)
        for kind, case in CASES.items()
        if not issubclass(kind, InseparablePart)
    ],
)
@pytest.mark.usefixtures("prepared")
def test_what_is_switched_off_is_taken_away_by_a_setup(engine: Engine, case: Case) -> None:
    """And then neither asked for by more than a read, nor in anybody's way."""
    setup(engine, case)
    switched_off = replace(case.resource, wanted=False)
    assert engine.setup(switched_off, *case.needed).action is Action.DELETE
    assert case.resource.read(engine.aws) is None
    again = engine.setup(switched_off, *case.needed)
    assert (again.action, again.calls) == (Action.NONE, [])
    assert setup(engine, case)[0] is Action.CREATE


@pytest.mark.parametrize("case", [CASES[Permission]])
@pytest.mark.usefixtures("prepared")
def test_nothing_is_deleted_before_all_of_it_was_looked_at(engine: Engine, case: Case) -> None:
    """A part goes with its owner; looked at late, it would count as never there."""
    setup(engine, case)
    events = engine.aws.client("lambda").meta.events
    events.register("before-call.lambda.GetPolicy", lambda **_: sleep(0.5))
    assert teardown(engine, case) is Action.DELETE


@every_type
@pytest.mark.usefixtures("prepared")
def test_what_is_somebody_elses_is_left_alone(engine: Engine, calls: Calls, case: Case) -> None:
    """Setup refuses it before it changes anything, or sees past it; teardown leaves it alone."""
    if case.resource.owner is not case.resource:
        setup(engine, case)
    case.theirs(engine.aws)
    before = seen(engine.aws, case)
    calls.clear()
    if case.beside:
        assert before is None
        assert setup(engine, case)[0] is Action.CREATE
    else:
        with pytest.raises(NotOursError):
            setup(engine, case)
        assert calls.mutating == []
        (left,) = [
            event
            for event in reconcile.teardown((*real(case.needed), case.resource), engine.aws)
            if event.resource == case.resource
        ]
        assert (left.action, type(left.error)) == (Action.NONE, NotOursError)
        assert seen(engine.aws, case) == before


def seen(aws: Aws, case: Case) -> Any:
    """What a read shows, or in which words it refuses to."""
    try:
        return case.resource.read(aws)
    except NotOursError as error:
        return error.message


@every_type
@pytest.mark.usefixtures("prepared")
def test_what_may_not_be_read_is_not_taken_for_absent_or_somebody_elses(
    engine: Engine, calls: Calls, faults: Faults, case: Case
) -> None:
    """Each call of a read denied in turn: every walk says so, and none changes anything."""
    setup(engine, case)
    calls.clear()
    case.resource.read(engine.aws)
    for operation in dict.fromkeys(calls):
        for run in (setup, teardown):
            with faults.denying(operation), pytest.raises(ServiceError):
                run(engine, case)
            assert engine.calls.mutating == []
        with faults.denying(operation):
            planned = list(reconcile.plan((*case.needed, case.resource), engine.aws))
        (said,) = [event.state for event in planned if event.resource == case.resource]
        assert said in {State.FAILED, State.BLOCKED}
    assert setup(engine, case) == (Action.NONE, [])


@every_type
@pytest.mark.usefixtures("prepared")
def test_a_process_that_dies_at_any_call_is_followed_by_one_that_converges(
    engine: Engine, life: Life, case: Case
) -> None:
    """Created, then changed, then deleted: each time killed after the 1st, the 2nd, ... answer."""

    def disturb() -> None:
        for each in case.drifts.values():
            each.by_hand(engine.aws)

    def rest() -> None:
        setup(engine, case)
        assert setup(engine, case) == (Action.NONE, [])

    inseparable = isinstance(case.resource, InseparablePart)
    deleted = case.resource.owner if inseparable else case.resource

    def delete() -> None:
        if live := deleted.read(engine.aws):
            deleted.delete(engine.aws, live)

    run = partial(setup, engine, case)
    rest()
    assert killed_everywhere(life, begin=delete, run=run, then=rest) > 0
    assert killed_everywhere(life, begin=disturb, run=run, then=rest) > 0 or not case.drifts
    assert killed_everywhere(life, begin=rest, run=delete, then=delete) > 0
    assert case.resource.read(engine.aws) is None


def killed_everywhere(
    life: Life,
    begin: Callable[[], object],
    run: Callable[[], object],
    then: Callable[[], object],
) -> int:
    """Kill ``run`` after its 1st, 2nd, ... call, then run ``then``; return how many died."""
    for calls in range(MOST_CALLS):
        begin()
        with life.ending("after", calls):
            run()
        then()
        if not life.died_at:
            return calls
    raise AssertionError(f"it never lived to its end, and last died at {life.died_at}")
