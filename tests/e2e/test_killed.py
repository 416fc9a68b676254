"""Killed at any call, and run again: the account is as if nothing had happened.

Real processes and real SIGKILLs: a call is either never received, or done and its answer never
read. The core's verbs on the embedded AWS, each compared with an undisturbed run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, Final

import pytest

from tests.support.stage import SECONDS, Stage, State, staged, until
from tests.support.worker import VERBS

# Far more calls than any verb makes.
MOST_CALLS: Final = 1000
# So many calls that each half is a proof of its own, side by side with the other.
LONG: Final = {"setup", "upload", "teardown"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An embedded AWS for this module, and pictures."""
    with staged(tmp_path_factory.mktemp("killed")) as standing:
        yield standing


def undisturbed(stage: Stage, verb: str) -> State:
    """The state that an undisturbed run leaves."""
    stage.begin(verb)
    stage.run(verb)
    if verb != "teardown":
        until(lambda: stage.shown() == {row["filename"]["S"] for row in stage.rows()})
    return stage.state()


def converged(stage: Stage, verb: str, when: str, number: int) -> tuple[bool, State]:
    """Kill ``verb`` at one call, then run it again; return whether it died, and the state."""
    stage.begin(verb)
    died = stage.run(verb, when, number)
    stage.run(verb)
    return died, stage.state()


def assert_same(stage: Stage, state: State, expected: State, what: str) -> None:
    """Compare; an upload that was killed may have started the function, which then still works."""
    deadline = time.monotonic() + SECONDS
    while state != expected and time.monotonic() < deadline:
        time.sleep(0.2)
        state = stage.state()
    assert state == expected, what


@pytest.mark.parametrize(
    ("verb", "when", "number"),
    [("upload", "before", 3), ("reconcile", "after", 8), ("teardown", "after", 60)],
)
def test_a_process_killed_at_one_call_is_finished_by_the_next(
    stage: Stage, verb: str, when: str, number: int
) -> None:
    """One call in the middle of three verbs: the proof below takes all, of all verbs."""
    expected = undisturbed(stage, verb)
    died, state = converged(stage, verb, when, number)
    assert died
    assert_same(stage, state, expected, f"{verb} killed {when} call {number}")


def every_call() -> Iterator[Any]:
    """Each verb, before and after; and at which calls, where one proof has not all of them."""
    for verb, when in product(VERBS, ("before", "after")):
        name = f"{verb}-{when}"
        if verb not in LONG:
            yield pytest.param(verb, when, range(1, MOST_CALLS), id=name)
            continue
        for first, half in enumerate(("odd", "even"), start=1):
            yield pytest.param(verb, when, range(first, MOST_CALLS, 2), id=f"{name}-{half}")


@pytest.mark.prove
@pytest.mark.parametrize(("verb", "when", "calls"), [*every_call()])
def test_a_process_killed_at_any_call_is_finished_by_the_next(
    stage: Stage, verb: str, when: str, calls: Sequence[int], record_property: Any
) -> None:
    """The 1st, the 2nd, ... until a run lives to its end; how many died is in the report."""
    expected = undisturbed(stage, verb)
    for number in calls:
        died, state = converged(stage, verb, when, number)
        assert_same(stage, state, expected, f"{verb} killed {when} call {number}")
        if not died:
            break
    else:
        pytest.fail(f"{verb} never lived to its end")
    deaths = calls.index(number)
    assert deaths > 3
    record_property(f"calls interrupted/{verb}, {when}", deaths)
    record_property("converged", deaths)
