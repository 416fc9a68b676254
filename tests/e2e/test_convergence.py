"""Setup and teardown that die at any call are finished by running them again.

The real engine on the embedded AWS. Each run is allowed one mutating call and then dies: before the
next one is sent, or after it was answered and before anybody looked. Run after run, every state a
crash can leave behind is met, and the last run must find nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from handler.delivery_settings import DeliverySettings
from imgpipe import local
from imgpipe.aws.account import Aws
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, Event, State
from imgpipe.engine.resource import Resource
from imgpipe.engine.standing import remaining
from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.declaration import concerned, declared
from imgpipe.settings import Settings
from tests.support.life import READS, DiedError, Life
from tests.support.shell import embedded
from tests.support.standing import standing

MOST_RUNS = 100
LONGEST_STEP = 6


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An embedded AWS for this module."""
    folder = tmp_path_factory.mktemp("state")
    yield folder
    local.stop(folder)


SETTINGS: Final = Settings(local=True)
WHOLE: Final = replace(
    SETTINGS,
    alarms="me@example.com",
    delivery=DeliverySettings(enabled=True, signing=True),
)
"""With all that can be switched on."""
OFF: Final = replace(SETTINGS, alarms="none")


def resources(aws: Aws, settings: Settings = SETTINGS) -> tuple[Resource, ...]:
    """The whole pipeline, as ``imgpipe --local setup`` declares it."""
    return concerned(Pipeline.of(settings, aws))


def run_until_done(
    aws: Aws,
    walk: Callable[..., Iterator[Event]],
    when: str,
    settings: Settings = SETTINGS,
) -> int:
    """Let runs die after a call each, until one lives and finds nothing to do; return how many.

    A step of several calls that belong together, such as the self-test's, begins anew each time, so
    every fourth life is longer, by up to ``LONGEST_STEP`` calls.
    """
    life, everything = Life(aws), resources(aws, settings)
    for run in range(MOST_RUNS):
        calls = 1 if run % 4 else 1 + run // 4 % LONGEST_STEP
        life.begin(when, calls if when == "before" else calls - 1)
        try:
            events = list(walk(everything, aws))
        except DiedError:
            aws.interrupted.clear()
            continue
        failed = [event for event in events if event.state in {State.FAILED, State.BLOCKED}]
        assert not failed, failed
        if all(event.action is Action.NONE for event in events):
            return run
    raise AssertionError(f"it never came to rest, and last died at {life.died_at}")


@pytest.mark.parametrize(
    ("when", "settings"),
    [
        ("before", SETTINGS),
        *(pytest.param(when, WHOLE, marks=pytest.mark.prove) for when in ("after", "before")),
    ],
)
def test_setup_and_teardown_killed_at_every_call_converge(
    state: Path, when: str, settings: Settings
) -> None:
    """Up in single steps, a fresh look that nothing differs, down in single steps, nothing left.

    On its way down what can be switched off goes first, by setups that die as well.
    """
    assert run_until_done(embedded(state), reconcile.setup, when, settings) > 2
    aws = embedded(state)
    planned = reconcile.plan(resources(aws, settings), aws)
    assert {event.action for event in planned} == {Action.NONE}
    assert (run_until_done(embedded(state), reconcile.setup, when, OFF) > 2) is (settings == WHOLE)
    there = standing(aws)
    assert (len(there["functions"]), len(there["roles"])) == (2, 2)
    assert len(there["origin access controls"]) == 1
    assert not {"edge functions", "key value stores", "alarms", "topics"} & there.keys()
    assert run_until_done(embedded(state), reconcile.teardown, when) > 2
    assert standing(embedded(state)) == {}


def test_a_second_setup_sends_no_mutating_call(state: Path) -> None:
    """Counted on the wire, not in events."""
    aws = embedded(state)
    list(reconcile.setup(resources(aws), aws))
    sent: list[str] = []
    again = embedded(state)
    again.session.events.register("before-call", lambda model, **_: sent.append(model.name))
    list(reconcile.setup(resources(again), again))
    assert sent
    assert [name for name in sent if not name.startswith(READS)] == []
    versions = ("ListVersionsByFunction", "GetAlias")
    assert [sent.count(name) for name in versions] == [1, 1]  # what they add to a second setup
    # What was never switched on adds one look.
    assert sent.count("ListOriginAccessControls") == 2
    assert sent.count("GetRole") == len(aws.client("iam").list_roles()["Roles"])
    assert not {"DescribeFunction", "DescribeKeyValueStore", "GetFunctionUrlConfig"} & set(sent)
    list(reconcile.teardown(resources(again), again))


def test_two_stages_and_two_regions_stand_side_by_side(state: Path) -> None:
    """Taking one away does not touch the other."""
    aws = embedded(state)
    one, other = Settings(local=True), replace(Settings(local=True), stage="blue")
    stacks = [declared(Pipeline.of(each, aws)) for each in (one, other)]
    for each in stacks:
        assert not [event for event in reconcile.setup(each, aws) if event.state is State.FAILED]
    list(reconcile.teardown(stacks[0], aws))
    assert remaining(stacks[0], aws) == {}
    assert len(remaining(stacks[1], aws)) == len(stacks[1])
    assert {event.action for event in reconcile.plan(stacks[1], aws)} == {Action.NONE}
    list(reconcile.teardown(stacks[1], aws))
