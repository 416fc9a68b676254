"""The engine's events as a line a resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from rich.text import Text

from imgpipe.engine.graph import Action, Event, State
from imgpipe.render._failure import failure
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._table import shortened
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from imgpipe.engine.resource import Resource

Words = Mapping[Action, str]

SETUP_WORDS: Final = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.NONE: "unchanged",
}
PLAN_WORDS: Final = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.DELETE: "to delete",
    Action.NONE: "unchanged",
}
STATUS_WORDS: Final = {
    Action.CREATE: "missing",
    Action.UPDATE: "modified",
    Action.DELETE: "unwanted",
    Action.NONE: "in sync",
}
TEARDOWN_WORDS: Final = {
    Action.DELETE: "deleted",
    Action.RETAIN: "kept",
    Action.GIVE_BACK: "given back",
    Action.NONE: "already gone",
}
DEPARTURE_WORDS: Final = {
    Action.DELETE: "to delete",
    Action.RETAIN: "to keep",
    Action.GIVE_BACK: "to give back",
}
_DONE_WORDS: Final = (SETUP_WORDS, TEARDOWN_WORDS)
"""Of these it is said how long each took; a mere look is not timed."""

DOING: Final = {
    Action.CREATE: "creating",
    Action.UPDATE: "updating",
    Action.DELETE: "deleting",
    Action.GIVE_BACK: "giving back",
}
_STYLES: Final = {
    "created": "green",
    "updated": "yellow",
    "deleted": "green",
    "to create": "green",
    "to update": "yellow",
    "missing": "red",
    "modified": "yellow",
    "unwanted": "yellow",
    "to delete": "yellow",
    "in sync": "green",
    "FAILED": "bold red",
    "blocked": "red",
    "left alone": "yellow",
    "kept": "yellow",
    "given back": "green",
    "creating": "bold cyan",
    "updating": "bold cyan",
    "deleting": "bold cyan",
    "giving back": "bold cyan",
    "interrupted": "yellow",
}
_ENVIRONMENT: Final = {"Environment": "settings"}
"""Lambda's word for where the settings are; which of them differ is told beside the events."""

_STATE_WIDTH: Final = 13
_TITLE_WIDTH: Final = 27
_NAME_LEAST: Final = 12
_INDENT: Final = " " * _STATE_WIDTH


@dataclass(frozen=True)
class ResourceRecord:
    """What became of one resource, or what its state is."""

    type: Annotated[str, "CloudFormation's name of its kind"]
    name: Annotated[str, "its physical name"]
    title: Annotated[str, "what people call it"]
    state: Annotated[str, "the word that the table shows, such as created or in sync"]
    changed: Annotated[list[str], "the properties that differ, or differed"]
    seconds: Annotated[float, "how long it took"]
    error: Annotated[str | None, "why it failed, or was left alone"]


def lines(
    event: Event, words: Words, paper: Paper, spelled: Callable[[str], str] = "imgpipe {}".format
) -> Iterator[Text]:
    """Yield ``created  source bucket  imgpipe-source-… (4.2 s)``, and below it what differs.

    A failure carries its reason and the next step.
    """
    yield from told(event, words, paper)
    yield from error_lines(event, paper, spelled)


def told(event: Event, words: Words, paper: Paper) -> Iterator[Text]:
    """Yield what ``lines`` does, without the reason of a failure."""
    seconds = _took(event) if words in _DONE_WORDS else ""
    yield line(event.resource, verdict(event, words), seconds, paper)
    if paper.debug:
        yield Text(f"{_INDENT}{event.resource.type}", "dim")
    if event.changed:
        changed = sorted(_ENVIRONMENT.get(name, name) for name in event.changed)
        for each in wrapped(f"{_INDENT}{', '.join(changed)}", paper.width, _INDENT):
            yield Text(each.plain, "yellow")


def error_lines(event: Event, paper: Paper, spelled: Callable[[str], str]) -> Iterator[Text]:
    """Yield why the resource failed, or was left alone; nothing where neither is so."""
    if event.error:
        for each in failure(event.error, spelled, paper.width - len(_INDENT)):
            yield Text(f"{_INDENT}{each.plain}", "red" if event.state is State.FAILED else "")


def line(resource: Resource, word: str, seconds: str, paper: Paper) -> Text:
    """Return a resource's line: how it stands, what and which it is, and the ``seconds``."""
    return Text.assemble(
        (f"{word:<{_STATE_WIDTH}}", _STYLES.get(word, "dim")),
        _named(resource, paper, paper.width - _STATE_WIDTH - len(seconds)),
        (seconds, "dim"),
    )


def resource_line(resource: Resource, remark: str, paper: Paper) -> Text:
    """Return ``  source bucket  imgpipe-source-…``, with a ``remark`` behind it."""
    indent = "  "
    room = paper.width - len(indent) - len(remark)
    return Text.assemble(indent, _named(resource, paper, room), remark)


def verdict(event: Event, words: Words) -> str:
    """Return the one word for how the event ended."""
    if event.state is State.FAILED:
        return "FAILED"
    if event.state is State.BLOCKED:
        return "blocked"
    return "left alone" if event.error else words[event.action]


def records(events: Iterable[Event], words: Words) -> list[ResourceRecord]:
    """Return the events as they go into JSON."""
    return [
        ResourceRecord(
            type=event.resource.type,
            name=event.resource.name,
            title=event.resource.title,
            state=verdict(event, words),
            changed=sorted(event.changed),
            seconds=round(event.seconds, 1),
            error=event.error.message if event.error else None,
        )
        for event in events
    ]


def _took(event: Event) -> str:
    """Return how long it took; what would read 0.0 says nothing."""
    return f" ({event.seconds:.1f} s)" if event.seconds >= 0.05 else ""  # noqa: PLR2004


def _named(resource: Resource, paper: Paper, width: int) -> Text:
    """Return the resource's title and its name, which a terminal's ``width`` may shorten."""
    name = Text(printable(resource.name))
    if paper.bounded:
        name = shortened(name, max(width - _TITLE_WIDTH, _NAME_LEAST))
    return Text.assemble(f"{resource.title:<{_TITLE_WIDTH}}", name)
