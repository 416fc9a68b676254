"""The engine's events as one line a resource, with a live timer for each one under way where a terminal watches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from imgpipe.engine.graph import Action, Event, State
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from rich.console import Console

    from imgpipe.engine.resource import Resource

SETUP_WORDS: Final = {Action.CREATE: "created", Action.UPDATE: "updated", Action.NONE: "unchanged"}
PLAN_WORDS: Final = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.NONE: "unchanged",
}
STATUS_WORDS: Final = {Action.CREATE: "missing", Action.UPDATE: "modified", Action.NONE: "in sync"}
TEARDOWN_WORDS: Final = {Action.DELETE: "deleted", Action.NONE: "already gone"}

_DOING: Final = {Action.CREATE: "creating", Action.UPDATE: "updating", Action.DELETE: "deleting"}
_STYLES: Final = {
    "created": "green",
    "updated": "yellow",
    "deleted": "green",
    "to create": "green",
    "to update": "yellow",
    "missing": "red",
    "modified": "yellow",
    "in sync": "green",
    "FAILED": "bold red",
    "blocked": "red",
    "left alone": "yellow",
}


def narrate(events: Iterable[Event], words: dict[Action, str], console: Console) -> list[Event]:
    """Print each resource's line as it ends and return the final events, in that order."""
    finished: list[Event] = []
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        under_way: dict[Resource, TaskID] = {}
        for event in events:
            if event.state is State.STARTED:
                under_way[event.resource] = progress.add_task(
                    f"{_DOING[event.action]:<10} {_what(event.resource)}"
                )
                continue
            if event.resource in under_way:
                progress.remove_task(under_way.pop(event.resource))
            finished.append(event)
            console.print(line(event, words))
    return finished


def line(event: Event, words: dict[Action, str]) -> Text:
    """Return ``created   AWS::S3::Bucket  photos (4.2 s)``; a failure carries its reason and the next step below it."""
    word = verdict(event, words)
    text = Text.assemble((f"{word:<14}", _STYLES.get(word, "dim")), _what(event.resource))
    if event.seconds >= 0.05:
        text.append(f" ({event.seconds:.1f} s)", "dim")
    if event.changed:
        text.append(f"  {', '.join(sorted(event.changed))}", "yellow")
    if event.error:
        text.append(
            f"\n    {printable(event.error.message)}\n    Next: {printable(event.error.hint)}"
        )
    return text


def verdict(event: Event, words: dict[Action, str]) -> str:
    """Return the one word for how the event ended."""
    if event.state is State.FAILED:
        return "FAILED"
    if event.state is State.BLOCKED:
        return "blocked"
    return "left alone" if event.error else words[event.action]


def records(events: Sequence[Event], words: dict[Action, str]) -> list[dict[str, Any]]:
    """Return the events as plain values for JSON."""
    return [
        {
            "type": event.resource.type,
            "name": event.resource.name,
            "state": verdict(event, words),
            "changed": sorted(event.changed),
            "seconds": round(event.seconds, 1),
            "error": event.error.message if event.error else None,
        }
        for event in events
    ]


def _what(resource: Resource) -> str:
    return f"{resource.type:<40} {resource.name}"
