"""Which story each state of a picture tells: the step that is missing, why, and what to do."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from handler.event import Kind
from handler.schema import Status
from imgpipe.cli._commands import name_in
from imgpipe.pictures.failures import Failure
from imgpipe.pictures.story.evidence import Answer, Original, Version
from imgpipe.pictures.story.step import Outcome
from imgpipe.pictures.story.telling import State, tell
from imgpipe.pictures.story.told import Told
from tests.support.story import (
    DENIED,
    ETAG,
    KEY,
    NOW,
    PUT,
    REQUEST,
    RESULT,
    attempt,
    evidence,
    report,
    row,
    said,
    start,
)

SECOND: Final = timedelta(seconds=1)
NOTHING: Final[dict[str, Any]] = {"invocations": [], "rows": [], "results": {}, "shown": {}}
GONE: Final[dict[str, Any]] = {
    "original": None,
    "answers": [Answer(RESULT, "https://d", 403, "", None)],
}
MARKER: Final = [
    Version("v1", PUT, 9, ETAG, removed=False),
    Version("v2", NOW - timedelta(hours=1), 0, "", removed=True),
]
FAILURE: Final = Failure(
    KEY, Kind.CREATED, "Task timed out after 60.00 seconds", NOW, NOW, REQUEST, 3, "m"
)
TRY: Final = (start(), said(f"begin {KEY}"))
BROKEN: Final = attempt(
    *TRY, said(f"failed {KEY}", 2, "ERROR", error="ClientError: AccessDenied"), report(3)
)
LATER: Final = replace(
    BROKEN, lines=tuple(replace(each, time=NOW - SECOND) for each in BROKEN.lines)
)
RUNNING: Final = attempt(*TRY)
JUST_RUNNING: Final = replace(
    RUNNING, lines=tuple(replace(each, time=NOW - SECOND) for each in RUNNING.lines)
)
FRESH: Final = Original(9, ETAG, NOW - SECOND, "", "")
REJECTED: Final = row(status=Status.REJECTED, reason="damaged: the file ends early")

NEVER: Final[dict[str, Any]] = {**NOTHING, "original": None, "versions": []}
NO_EVENT: Final[dict[str, Any]] = {"rows": [row(source_etag="old")], "invocations": []}
SHOWN_SOON: Final[dict[str, Any]] = {"shown": {}, "rows": [row(timestamp=NOW.isoformat())]}
REFUSED: Final = Answer(RESULT, "https://d", 403, "Error", None)
UNVERSIONED: Final[dict[str, Any]] = {**GONE, "rows": [], "results": {}, "versions": []}
JUST_GONE: Final[dict[str, Any]] = {**GONE, "versions": [replace(MARKER[1], modified=NOW)]}
AGAIN: Final = [BROKEN, attempt(*TRY, report())]
READ: Final = (
    "original",
    "wired",
    "rows",
    "failures",
    "invocations",
    "results",
    "shown",
    "answers",
)
NOTHING_READ: Final = dict.fromkeys((*READ, "versions"), Told[Any](unknown=DENIED))

# What is otherwise than with a picture that is well; outcome, missing step, and the first command.
CASES: Final[dict[str, tuple[dict[str, Any], Outcome, str, str]]] = {
    "well": ({}, Outcome.PROCESSED, "", ""),
    "its log is gone": ({"invocations": []}, Outcome.PROCESSED, "", ""),
    "never came": (NEVER, Outcome.NEVER_ARRIVED, "uploaded", "upload"),
    "a slip": ({**NEVER, "near": ["b.jpg"]}, Outcome.NEVER_ARRIVED, "uploaded", "explain"),
    "no trigger": ({**NOTHING, "wired": False}, Outcome.UNPROCESSED, "started", "setup"),
    "just came": ({**NOTHING, "original": FRESH}, Outcome.UNDER_WAY, "started", "explain"),
    "no event": (NOTHING, Outcome.UNPROCESSED, "started", "invoke"),
    "replaced, no event": (NO_EVENT, Outcome.UNPROCESSED, "started", "invoke"),
    "a folder": ({**NOTHING, "key": "a/"}, Outcome.NO_PICTURE, "started", ""),
    "begun": ({**NOTHING, "invocations": [JUST_RUNNING]}, Outcome.UNDER_WAY, "ended", "explain"),
    "no end": ({**NOTHING, "invocations": [RUNNING]}, Outcome.UNPROCESSED, "ended", "invoke"),
    "failing": ({**NOTHING, "invocations": [LATER]}, Outcome.UNDER_WAY, "ended", "explain"),
    "failed": ({**NOTHING, "invocations": [BROKEN] * 3}, Outcome.FAILED, "ended", "invoke"),
    "given up": ({**NOTHING, "failures": [FAILURE]}, Outcome.FAILED, "ended", "retry"),
    "mended after": ({"invocations": AGAIN}, Outcome.PROCESSED, "", ""),
    "rejected": ({**NOTHING, "rows": [REJECTED]}, Outcome.REJECTED, "", "preview"),
    "row deleted": ({"rows": [], "shown": {}}, Outcome.INCOMPLETE, "row", "reconcile"),
    "result deleted": ({"results": {}}, Outcome.INCOMPLETE, "result", "reconcile"),
    "not shown": ({"shown": {RESULT: False}}, Outcome.INCOMPLETE, "page", "status"),
    "shown soon": (SHOWN_SOON, Outcome.UNDER_WAY, "page", "explain"),
    "not served": ({"answers": [REFUSED]}, Outcome.INCOMPLETE, "CDN", "status"),
    "removed": ({**NOTHING, **GONE, "versions": MARKER}, Outcome.REMOVED, "", ""),
    "removed, no versions": (UNVERSIONED, Outcome.REMOVED, "", ""),
    "removed, kept": ({**GONE, "follows": False}, Outcome.REMOVED, "", ""),
    "orphaned": (GONE, Outcome.LEFT_OVER, "row", "reconcile"),
    "orphaned, given up": ({**GONE, "failures": [FAILURE]}, Outcome.LEFT_OVER, "row", "retry"),
    "just removed": (JUST_GONE, Outcome.UNDER_WAY, "row", "explain"),
    "a copy left": ({**NOTHING, "original": None}, Outcome.UNDER_WAY, "CDN", "explain"),
    "nothing may be read": (NOTHING_READ, Outcome.UNKNOWN, "", "explain"),
}


@pytest.mark.parametrize(
    ("values", "outcome", "missing", "command"),
    [pytest.param(*case, id=name) for name, case in CASES.items()],
)
def test_each_state_has_its_story(
    values: dict[str, Any], outcome: Outcome, missing: str, command: str
) -> None:
    """The first step that is missing decides, and its advice is commands that there are."""
    story = tell(evidence(**values))
    assert (story.outcome, story.missing) == (outcome, missing)
    commands = [name_in(shlex.split(each)) for each in story.advice.next]
    assert commands[:1] == ([command] if command else [])
    assert all(commands)
    assert bool(story.advice.why) is (outcome not in {Outcome.PROCESSED, Outcome.REMOVED})
    states = [each.state for each in story.steps]
    assert states.count(State.MISSING) == bool(missing)
    if missing:
        assert set(states[states.index(State.MISSING) + 1 :]) <= {State.OPEN, State.NOT_DUE}


@pytest.mark.parametrize("name", READ)
def test_what_may_not_be_read_is_unknown_and_never_missing(name: str) -> None:
    """A picture that is well stays so, whatever of it may be seen."""
    story = tell(evidence(**{name: Told(unknown=DENIED)}))
    assert story.missing == ""
    assert story.outcome in {Outcome.PROCESSED, Outcome.UNKNOWN}
    assert {each.why for each in story.steps if each.state is State.UNKNOWN} <= {DENIED}


@pytest.mark.parametrize("key", ["-rf.jpg", "a b.jpg", "--all", "';reboot;'.jpg", "größe.jpg"])
def test_the_next_command_is_about_that_very_key(key: str) -> None:
    """Quoted for a shell, and never taken for an option."""
    story = tell(evidence(key=key, **NOTHING))
    words = shlex.split(story.advice.next[0])
    assert words == ["invoke", *(["--"] if key.startswith("-") else []), key]


def test_the_reason_is_that_of_the_last_failure() -> None:
    """With what helps against it."""
    story = tell(evidence(**NOTHING, failures=[FAILURE]))
    assert "Task timed out" in story.advice.why
    assert "memory" in story.advice.hint


def test_a_cold_start_its_time_and_memory_are_told() -> None:
    """As Lambda reports them."""
    told = {each.name: each.moments for each in tell(evidence()).steps}
    assert "cold start of 312 ms" in told["started"][0].text
    assert told["ended"][0].text == "894 ms, 171 of 448 MB"
