"""What a setup would change of the settings, old -> new, as imgpipe.toml has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from rich.text import Text

from imgpipe.render._paper import Paper, wrapped
from imgpipe.render.untrusted import printable
from imgpipe.settings.difference import Change
from imgpipe.settings.toml import scalar

_INDENT = "    "


@dataclass(frozen=True)
class ChangeRecord:
    """One setting that a setup would change, or has changed."""

    key: Annotated[str, "where it stands in imgpipe.toml, such as picture.width"]
    old: Annotated[Any, "what is live; null: there is none"]
    new: Annotated[Any, "what comes in its place; null: nothing"]
    default: Annotated[bool, "whether it comes because no flag, variable or file says anything"]


def records(changes: Sequence[Change]) -> list[ChangeRecord]:
    """Return the changes as they go into JSON."""
    return [ChangeRecord(each.key, each.old, each.new, each.default) for each in changes]


def lines(changes: Sequence[Change], paper: Paper) -> Iterator[Text]:
    """Yield ``  [picture] quality  80 -> 90`` for each, its label aligned with the others'."""
    width = max((len(each.label) for each in changes), default=0)
    for each in changes:
        line = f"  {printable(each.label):<{width}}  {_became(each)}"
        for part in wrapped(line, paper.width, _INDENT):
            yield Text(part.plain, "yellow")


def _became(change: Change) -> str:
    if change.old is None:
        return "added" if isinstance(change.new, Mapping) else f"added: {_shown(change.new)}"
    if change.new is None:
        return "removed"
    return f"{_shown(change.old)} -> {_shown(change.new)}{' (default)' if change.default else ''}"


def _shown(value: object) -> str:
    return printable(scalar(value))
