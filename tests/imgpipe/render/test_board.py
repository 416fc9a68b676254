"""The live board: every resource in its order, within any terminal; lines where nobody watches."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

import pytest
from rich.cells import cell_len
from rich.console import Console

from imgpipe.engine.graph import Action, Event, State
from imgpipe.errors import ServiceError
from imgpipe.render._board import Board, narrated_with
from imgpipe.render._events import SETUP_WORDS
from imgpipe.render._paper import Paper
from imgpipe.render._screen import Screen
from tests.support.account import Clock
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEVERAL: Final = tuple(Given(f"imgpipe-{number}-of-a-long-name") for number in range(23))
FIRST, SECOND, THIRD, *_ = SEVERAL
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"


def started(resource: Given) -> Event:
    """It begins to be made."""
    return Event(resource, Action.CREATE, State.STARTED)


def done(resource: Given, seconds: float = 3.25) -> Event:
    """It was made."""
    return Event(resource, Action.CREATE, State.DONE, seconds)


def failed(resource: Given) -> Event:
    """It could not be made."""
    error = ServiceError("no room here", hint="make some", next=("status",))
    return Event(resource, Action.CREATE, State.FAILED, 1.0, error=error)


def blocked(resource: Given) -> Event:
    """It waits for what failed."""
    return Event(resource, Action.NONE, State.BLOCKED)


def board(clock: Clock, *events: Event) -> Board:
    """A board of several resources, after these events."""
    made = Board(SEVERAL, SETUP_WORDS, Paper(80), clock)
    for event in events:
        made.take(event)
    return made


def drawn(shown: Board, width: int = 80, height: int = 40) -> list[str]:
    """What a terminal of that size shows of it."""
    console = Console(file=io.StringIO(), width=width, height=height)
    with console.capture() as capture:
        console.print(shown)
    return capture.get().splitlines()


def named(lines: Sequence[str]) -> list[str]:
    """The first word of each line, and the number of its resource."""
    found = (re.match(r"(\w+) +stand-in +imgpipe-(\d+)", line) for line in lines)
    return [f"{match[1]} {match[2]}" for match in found if match]


def test_each_stands_in_its_order_and_who_works_says_how_long(clock: Clock) -> None:
    """Whatever the order in which they begin and end."""
    shown = board(clock, started(THIRD), started(FIRST), done(FIRST))
    clock.sleep(83)
    lines = drawn(shown)
    assert named(lines)[:4] == ["created 0", "waiting 1", "creating 2", "waiting 3"]
    assert "(3.2 s)" in lines[0]
    assert "(83 s)" in lines[2]
    assert len(named(lines)) == len(SEVERAL)
    assert lines[-1] == "1 of 23 done, 1 under way, 21 waiting (83 s)"


@pytest.mark.parametrize("width", [20, 40, 79, 80, 120, 200])
@pytest.mark.parametrize("height", [1, 3, 5, 12, 24, 25, 26, 60])
def test_it_fits_any_terminal(clock: Clock, width: int, height: int) -> None:
    """What failed and what is under way is shown first; all of it is counted."""
    shown = board(clock, failed(SEVERAL[20]), started(SEVERAL[15]), *map(done, SEVERAL[2:9]))
    lines = drawn(shown, width, height)
    assert max(map(cell_len, lines)) <= width
    assert len(lines) <= max(2, height - 2)
    assert len(lines) == min(24, max(2, height - 2))
    assert lines[-1].startswith("7 of 23 done, 1 u")
    if width >= 79:
        seen = named(lines)
        assert "FAILED 20" in seen
        assert len(seen) < 2 or "creating 15" in seen
        numbers = [int(each.split()[1]) for each in seen]
        assert numbers == sorted(numbers)


def test_what_nobody_announced_comes_below(clock: Clock) -> None:
    """As what a teardown finds that older settings made."""
    assert named(drawn(board(clock, done(Given("imgpipe-99-x")))))[-1] == "created 99"


def test_in_the_end_errors_stand_below_what_was_done(clock: Clock) -> None:
    """Each under its title, with its next command; what never began is not spoken of."""
    shown = board(clock, failed(FIRST), done(SECOND), blocked(THIRD))
    lines = [line.plain for line in shown.settled("imgpipe {}".format)]
    assert named(lines) == ["FAILED 0", "created 1", "blocked 2"]
    text = "\n".join(lines)
    assert text.endswith(
        "\nFAILED: stand-in\n"
        "             Error: no room here\n"
        "               Next: make some: imgpipe status"
    )


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stderr is a terminal, of 80 columns and 25 rows whatever this runs in."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "25")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def interrupted(*events: Event) -> Iterator[Event]:
    """These events, and then Ctrl-C."""
    yield from events
    raise KeyboardInterrupt


@pytest.mark.usefixtures("terminal")
def test_after_ctrl_c_the_terminal_is_sane_and_says_what_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The cursor is back, the board gone, and in its place what was done and what was not."""
    screen = Screen("setup")
    events = interrupted(started(FIRST), done(FIRST), started(SECOND))
    with pytest.raises(KeyboardInterrupt):
        list(narrated_with(SETUP_WORDS, SEVERAL, events, screen))
    drawn_last, _, rest = capsys.readouterr().err.partition(SHOW)
    assert drawn_last.count(HIDE) == 1
    assert rest.count("\x1b[1A\x1b[2K") == len(
        drawn(Board(SEVERAL, SETUP_WORDS, Paper(80)), 80, 25)
    )
    assert re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", rest).split() == [
        *("created", "stand-in", FIRST.name, "(3.2", "s)"),
        *("interrupted", "stand-in", SECOND.name),
    ]


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("options", "environ", "shown"),
    [
        ({}, {}, True),
        ({"quiet": True}, {}, False),
        ({"debug": True}, {}, False),
        ({"output": "json"}, {}, True),
        ({}, {"TERM": "dumb"}, False),
        ({}, {"TTY_COMPATIBLE": "0"}, False),
    ],
)
def test_it_is_drawn_where_somebody_watches(
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, bool],
    environ: dict[str, str],
    shown: bool,
) -> None:
    """And no log line would come between."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert Screen("setup", **options).animated is shown  # type: ignore[arg-type]


def test_in_a_pipe_each_is_a_line_as_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    """In the order in which they end, an error with its reason."""
    events = [started(SECOND), started(FIRST), done(SECOND), failed(FIRST)]
    assert list(narrated_with(SETUP_WORDS, SEVERAL, events, Screen("setup"))) == events
    said = capsys.readouterr().err
    assert named(said.splitlines()) == ["created 1", "FAILED 0"]
    assert "no room here" in said
    assert "\x1b" not in said
