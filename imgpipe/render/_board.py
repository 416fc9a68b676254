"""The graph of resources as one board that a terminal watches: waiting, under way, done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from time import monotonic
from typing import TYPE_CHECKING, Final

from rich.text import Text

from imgpipe.engine.graph import Event, State
from imgpipe.render._events import DOING, Words, error_lines, line, lines, told, verdict

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions

    from imgpipe.engine.resource import Resource
    from imgpipe.render._paper import Paper
    from imgpipe.render._screen import Screen

# The lines that a board leaves: that of the command before it, and the cursor's own.
_SPARED: Final = 2


class Standing(IntEnum):
    """How a resource stands, those first of which a short terminal shows first."""

    FAILED = 0
    WORKING = 1
    DONE = 2
    WAITING = 3


@dataclass(frozen=True)
class Seen:
    """A resource's newest ``event``, and when it came (seconds of a monotonic clock)."""

    event: Event
    at: float


class Board:
    """A line for each of ``resources``, in their order, and below them how many stand how.

    Others that events tell of come below. Of more lines than the terminal has it shows those that
    matter most: what failed, and what is under way.
    """

    def __init__(
        self,
        resources: Iterable[Resource],
        words: Words,
        paper: Paper,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._words, self._paper, self._clock = words, paper, clock
        self._began = clock()
        self._seen: dict[Resource, Seen | None] = dict.fromkeys(resources)

    def take(self, event: Event) -> None:
        """Let the board show what ``event`` says."""
        # Drawn by another thread: a new dictionary, so that none changes while it is walked.
        self._seen = {**self._seen, event.resource: Seen(event, self._clock())}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield its lines, each of which a narrow terminal cuts, so that they stay as many."""
        paper = replace(self._paper, width=options.max_width)
        for each in (*self._shown(console.height, paper), self._summary()):
            each.no_wrap, each.overflow = True, "ellipsis"
            yield each

    def settled(self, spelled: Callable[[str], str]) -> Iterator[Text]:
        """Yield what is left to say of it in the end: all that began, and below it what failed."""
        events = [seen.event for seen in self._seen.values() if seen]
        for event in events:
            if event.state is State.STARTED:
                yield line(event.resource, "interrupted", "", self._paper)
            else:
                yield from told(event, self._words, self._paper)
        for event in (event for event in events if event.error):
            yield Text(f"\n{verdict(event, self._words)}: {event.resource.title}", "bold")
            yield from error_lines(event, self._paper, spelled)

    def _shown(self, height: int, paper: Paper) -> Sequence[Text]:
        seen, room = self._seen, max(1, height - _SPARED - 1)
        by_weight = sorted(seen, key=lambda each: _standing(seen[each]))
        chosen = set(by_weight[:room])
        return [self._line(each, seen[each], paper) for each in seen if each in chosen]

    def _line(self, resource: Resource, seen: Seen | None, paper: Paper) -> Text:
        if seen is None:
            return line(resource, "waiting", "", paper)
        if seen.event.state is State.STARTED:
            seconds = f" ({self._clock() - seen.at:.0f} s)"
            return line(resource, DOING[seen.event.action], seconds, paper)
        return next(iter(told(seen.event, self._words, paper)))

    def _summary(self) -> Text:
        counts = Counter(_standing(seen) for seen in self._seen.values())
        words = (
            f"{counts[Standing.DONE]} of {len(self._seen)} done",
            f"{counts[Standing.WORKING]} under way",
            f"{counts[Standing.WAITING]} waiting",
            *([f"{counts[Standing.FAILED]} failed"] if counts[Standing.FAILED] else []),
        )
        return Text(f"{', '.join(words)} ({self._clock() - self._began:.0f} s)", "bold")


def narrated_with(
    words: Words, resources: Iterable[Resource], events: Iterable[Event], screen: Screen
) -> Iterator[Event]:
    """Yield ``events`` as they come, and show what they say of ``resources``.

    Where a terminal watches that is a board, of which its last state stays, whatever ends it;
    elsewhere a line for each resource as it ends.
    """
    if not screen.animated:
        yield from _line_by_line(words, events, screen)
        return
    board = Board(resources, words, screen.side_paper)
    try:
        with screen.live(board):
            for event in events:
                board.take(event)
                yield event
    finally:
        for each in board.settled(screen.spelled):
            screen.say(each)


def _line_by_line(words: Words, events: Iterable[Event], screen: Screen) -> Iterator[Event]:
    for event in events:
        if event.state is not State.STARTED:
            for each in lines(event, words, screen.side_paper, screen.spelled):
                screen.say(each)
        yield event


def _standing(seen: Seen | None) -> Standing:
    if seen is None:
        return Standing.WAITING
    if seen.event.state in {State.FAILED, State.BLOCKED}:
        return Standing.FAILED
    return Standing.WORKING if seen.event.state is State.STARTED else Standing.DONE
